import { afterEach } from 'vitest'
import { type PrimeroOptions, type PrimeroSimulator, startPrimero } from '../../src/simulator/primero/server.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // Answers are looked at by the tests as they are: a wrong shape must fail there, not in a parser.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any
}

const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

/** Closed after the test. */
export function closing<T extends { close(): Promise<void> }>(simulator: T): T {
  open.push(simulator)
  return simulator
}

export async function primero(options: PrimeroOptions = {}): Promise<PrimeroSimulator> {
  return closing(await startPrimero(options))
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** One request below `/api/v2/` as the integration account. */
export async function ask(
  simulator: PrimeroSimulator,
  request: string,
  data?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const [method = 'GET', path = ''] = request.split(' ')
  const response = await fetch(`${simulator.url}/api/v2/${path}`, {
    method,
    headers: {
      authorization: basic(simulator.account.user, simulator.account.password),
      'content-type': 'application/json',
      ...headers,
    },
    ...(data === undefined ? {} : { body: typeof data === 'string' ? data : JSON.stringify({ data }) }),
  })
  return answerOf(response)
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== ''
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** An invented case of a seed; ids end in the number. */
export function child(n: number, fields: Record<string, unknown> = {}): never {
  const seed = {
    id: uuid(n),
    module_id: 'primeromodule-cp',
    name_first: 'Abeba',
    name_last: `Example ${n}`,
    owned_by: 'cw1',
    consent_for_services: true,
    disclosure_other_orgs: true,
    created_at: '2026-05-01T08:00:00.000Z',
    last_updated_at: '2026-05-01T08:00:00.000Z',
    ...fields,
  }
  return seed as never
}

export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

export const unhcr = 'unhcr_cw@cpims.example.org'
