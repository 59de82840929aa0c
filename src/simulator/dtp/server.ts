import { type Clock, createClock } from '../clock.ts'
import { createControl } from '../control.ts'
import { createFaults, type Faults } from '../faults.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { countsOf, type ListenOptions, listen, type SeenRequest, type ServerTls } from '../listener.ts'
import { certificateHeader } from '../wire.ts'
import { type Operation, operations, wrongKeys } from './bodies.ts'
import { type Officer, officer } from './officer.ts'

/** One message that reached an operation with a good key and certificate, also when its body was refused (400). */
export interface Received {
  readonly operation: Operation
  readonly body: JsonObject
  readonly status: 200 | 400
  /** Keys that were wrong, with a 400. */
  readonly wrong?: readonly string[]
  readonly at: string
}

export interface DtpOptions extends ListenOptions {
  readonly subscriptionKey?: string
  /** `ca` signed the clients' certificates. Without: plain http, for loopback and unix sockets. */
  readonly tls?: Required<ServerTls>
  /** The API's name in the gateway: first segment of the path. */
  readonly api?: string
  readonly now?: () => Date
}

export interface DtpSimulator {
  /** Base URL with the API's name; operations are appended. */
  readonly url: string
  readonly subscriptionKey: string
  readonly requests: readonly SeenRequest[]
  readonly received: readonly Received[]
  readonly officer: Officer
  readonly faults: Faults
  readonly clock: Clock
  close(): Promise<void>
}

/**
 * UNHCR's DTP behind Azure API Management: two operations, a subscription key, and a client certificate.
 *
 * With `tls` (whose `ca` signed the clients) a call without an accepted certificate is answered 403; without `tls` it is
 * plain http, for loopback and unix sockets. What DTP answers on success is not on record anywhere: any 2xx counts.
 *
 * @source docs/systems.md §DTP/transport
 */
export async function startDtp(options: DtpOptions = {}): Promise<DtpSimulator> {
  const subscriptionKey = options.subscriptionKey ?? 'an-invented-subscription-key'
  const api = options.api ?? 'primero-uat'
  const clock = createClock(options.now)
  const faults = createFaults()
  const received: Received[] = []
  const control = createControl({
    faults,
    counts: () => countsOf(listening.tally),
    content: () => ({
      received: received.length,
      messages: received.map(({ operation, body, status, at }) => ({ operation, body, status, at })),
    }),
    actions: {},
  })

  const answer = async (request: Request): Promise<Response> => {
    const operation = operationOf(request, api)
    if (!operation) return gateway(404, 'Resource not found')
    const refused = refuseKey(request, subscriptionKey) ?? refuseCertificate(request)
    if (refused) return refused
    const body: unknown = await request.json().catch(() => undefined)
    const wrong = wrongKeys(operation, body)
    const status = wrong.length === 0 ? 200 : 400
    received.push({
      operation,
      body: isObject(body) ? body : {},
      status,
      ...(status === 400 ? { wrong } : {}),
      at: clock.now().toISOString(),
    })
    if (status === 400) return gateway(400, `Invalid request body: ${wrong.join(', ')}`)
    return json(200, { message: 'Received' })
  }
  const listening = await listen({ answer, control }, faults, clock, options)

  return {
    url: `${listening.url}/${api}`,
    subscriptionKey,
    requests: listening.requests,
    received,
    officer,
    faults,
    clock,
    close: () => listening.close(),
  }
}

function operationOf(request: Request, api: string): Operation | undefined {
  const { pathname } = new URL(request.url)
  if (request.method !== 'POST') return undefined
  return operations.find((operation) => pathname === `/${api}/${operation}`)
}

function refuseKey(request: Request, subscriptionKey: string): Response | undefined {
  const key = request.headers.get('ocp-apim-subscription-key')
  if (key === subscriptionKey) return undefined
  const message = key
    ? 'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.'
    : 'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.'
  return gateway(401, message, {
    'www-authenticate':
      'AzureApiManagementKey realm="https://localhost",name="Ocp-Apim-Subscription-Key",type="header"',
  })
}

function refuseCertificate(request: Request): Response | undefined {
  const state = request.headers.get(certificateHeader)
  if (state === 'ok') return undefined
  return gateway(403, state === 'none' ? 'Client certificate required' : `Invalid client certificate: ${state}`)
}

function gateway(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return json(status, { statusCode: status, message }, headers)
}

function json(status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
}
