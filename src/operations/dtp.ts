import { X509Certificate } from 'node:crypto'
import { Readable } from 'node:stream'
import { post } from '@openfn/language-http'
import { z } from 'zod'
import { baseAddress } from '../adaptors/http/address.ts'
import { admitted } from '../adaptors/http/admission.ts'
import { createGate, type Gate } from '../adaptors/http/gate.ts'
import { isTimeOut, networkFailure } from '../adaptors/http/networkFailure.ts'
import { safeTls } from '../adaptors/http/safeTls.ts'
import { admissionTo } from '../adaptors/language-exchange/exchange.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { type CertificatePeriod, certificateMissing, certificateOutOfDate, dtpRefusal, resting } from './dtpErrors.ts'

export type DtpOperation = 'ReceiveIncomingReferral' | 'ReceiveDecisionOutgoingReferral'

/**
 * Posts one message to DTP, once. Resolves when DTP accepts it (2xx, whatever the body: none is agreed); the body is not
 * read and nothing of it is kept.
 *
 * The gateway wants the subscription key and, with https, our client certificate (`configuration.tls`: cert, key, ca).
 * At most `configuration.concurrency` (default 8) posts to one address are in flight, in a run those of all processes together. After one ran out of time, those that
 * wait fail with it, and for a second nothing is sent. `state` is left as it is.
 *
 * @param lastLook  called when the post's turn has come, right before it is sent; what it throws, nothing was sent
 * @throws REMOTE_DOWN (later): `not_reached` without a connection and on 429, 503, with the wait that DTP asks for;
 *         `unsure` on time-out, reset after sending, 408, 425, 500, 502, 504
 * @throws ACCESS_REFUSED (never) on 401, 403 and when the certificate is not accepted
 * @throws REMOTE_REFUSED (never) on any other 4xx and on a redirect, which is not followed
 * @throws CONFIGURATION (never) naming what the credential lacks, or that its certificate has run out; nothing was sent
 * @source docs/systems.md §DTP/transport
 */
export async function postToDtp(
  state: { readonly configuration?: unknown },
  operation: DtpOperation,
  body: Readonly<Record<string, unknown>>,
  lastLook?: () => Promise<void>,
): Promise<void> {
  const credential = readCredential(state.configuration)
  const gate = gateOf(credential)
  await gate.pass(() =>
    admitted(
      admissionTo('dtp'),
      { unproven: false },
      () => send(credential, operation, JSON.stringify(body), gate),
      lastLook,
    ),
  )
}

interface Credential {
  readonly baseUrl: string
  readonly subscriptionKey: string
  readonly timeoutMs: number
  readonly concurrency: number
  readonly tls: Readonly<Record<string, unknown>>
}

/** What of language-http's operation is used: the answer's status and headers; `data` is the unread body. */
type Request = (state: Readonly<Record<string, unknown>>) => Promise<{
  readonly data?: unknown
  readonly response: {
    readonly statusCode: number
    readonly headers: Readonly<Record<string, string | string[] | undefined>>
  }
}>

/** How long nothing is sent after a post ran out of time. */
const restMs = 1000

async function send(credential: Credential, operation: DtpOperation, body: string, gate: Gate): Promise<void> {
  const { baseUrl, subscriptionKey, timeoutMs, tls } = credential
  // With `errors: false` no status becomes an error of the library, which would carry body and headers and print them.
  const request: Request = post(`/${operation}`, Buffer.from(body), {
    headers: { 'Ocp-Apim-Subscription-Key': subscriptionKey, 'Content-Type': 'application/json' },
    errors: false,
    parseAs: 'stream',
    timeout: timeoutMs,
    maxRedirections: 0,
  })
  const { status, retryAfter } = await request({ configuration: { baseUrl, tls }, references: [], data: {} }).then(
    async ({ data, response: { statusCode, headers } }) => {
      await drop(data, timeoutMs)
      return { status: statusCode, retryAfter: headers['retry-after'] }
    },
    (error: unknown) => {
      const unnamed = unnamedStatus(error)
      if (unnamed !== undefined) return { status: unnamed, retryAfter: undefined }
      if (isTimeOut(error)) gate.turnAway(resting, restMs)
      throw networkFailure(error, {
        system: 'DTP',
        authorityHint: 'Set DTP_CA to the certificate of that authority if it is the one UNHCR named.',
      })
    },
  )
  if (status < 200 || status > 299) throw dtpRefusal(status, retryAfter, new Date())
}

/**
 * language-http looks up the name of every status and fails for one without (425, 499, 520, …); the number is in its
 * text only.
 */
function unnamedStatus(error: unknown): number | undefined {
  const found = error instanceof Error ? /^Status code does not exist: (\d{3})$/.exec(error.message)?.[1] : undefined
  return found === undefined ? undefined : Number(found)
}

/** Read to its end, the connection can be used again; a longer one is not worth that. */
const mostDroppedBytes = 1024 * 1024

/** The status has been said; a body that breaks off, drips or never ends changes nothing of it. */
async function drop(body: unknown, timeoutMs: number): Promise<void> {
  if (!(body instanceof Readable)) return
  const hangUp = setTimeout(() => body.destroy(), timeoutMs)
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > mostDroppedBytes) break
    }
  } catch {
    // broken off
  } finally {
    clearTimeout(hangUp)
  }
}

const schema = z.looseObject({
  baseUrl: z.string().min(1),
  subscriptionKey: z.string().min(1),
  timeoutMs: z.number().int().positive().default(30_000),
  concurrency: z.number().int().positive().default(8),
  tls: z
    .looseObject({
      cert: z.string().optional(),
      key: z.string().optional(),
      socketPath: z.string().optional(),
      rejectUnauthorized: z.literal(true).optional(),
    })
    .default({}),
})

function readCredential(configuration: unknown): Credential {
  const parsed = schema.safeParse(configuration)
  if (!parsed.success) {
    const keys = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'configuration'))]
    throw new ExchangeError(`The credential of DTP has no usable ${keys.join(', ')}.`, {
      code: 'CONFIGURATION',
      retry: 'never',
      fields: keys,
      hint: 'It needs DTP_URL, DTP_SUBSCRIPTION_KEY and, with https, DTP_CLIENT_CERT and DTP_CLIENT_KEY.',
    })
  }
  const { baseUrl, tls, ...rest } = parsed.data
  const address = baseAddress(baseUrl, 'DTP_URL', tls.socketPath)
  const shown = (tls.cert !== undefined && tls.key !== undefined) || tls.pfx !== undefined
  if (address.startsWith('https:') && tls.socketPath === undefined && !shown) throw certificateMissing()
  if (tls.cert !== undefined) refuseOutOfDate(tls.cert, new Date())
  return {
    ...rest,
    baseUrl: address,
    tls: { timeout: Math.min(rest.timeoutMs, 10_000), ...tls, ...safeTls },
  }
}

const periods = new Map<string, ReturnType<typeof periodOf>>()

/**
 * A gateway may answer a certificate that has run out by closing the connection, and then nobody could tell whether the
 * message arrived. So nothing is sent with it.
 */
function refuseOutOfDate(cert: string, now: Date): void {
  const period = periods.get(cert) ?? periodOf(cert)
  periods.set(cert, period)
  if (period === undefined || (period.from <= now && now <= period.to)) return
  throw certificateOutOfDate(period, now)
}

/** Undefined for what cannot be read: TLS says that in its own words. */
function periodOf(pem: string): CertificatePeriod | undefined {
  try {
    const { validFrom, validTo, fingerprint } = new X509Certificate(pem)
    return { from: new Date(validFrom), to: new Date(validTo), thumbprint: fingerprint.replaceAll(':', '') }
  } catch {
    return undefined
  }
}

interface Bound {
  limit: number
  readonly gate: Gate
}
const bounds = new Map<string, Bound>()

/** One gate an address; the concurrency last seen counts. */
function gateOf({ baseUrl, tls, concurrency }: Credential): Gate {
  const key = `${baseUrl} ${String(tls.socketPath ?? '')}`
  const known = bounds.get(key)
  if (known !== undefined) {
    known.limit = concurrency
    return known.gate
  }
  const bound: Bound = { limit: concurrency, gate: createGate(() => bound.limit) }
  bounds.set(key, bound)
  return bound.gate
}
