import { ExchangeError } from '../../errors/ExchangeError.ts'
import { type Admission, admitted } from '../http/admission.ts'
import { createGate, type Gate } from '../http/gate.ts'
import { admissionTo } from '../language-exchange/exchange.ts'
import type { Account } from './configuration.ts'
import { failureOf, nonsense } from './failures.ts'
import { isObject, parseJson } from './json.ts'
import { assertShortPath, type Query, queryString } from './query.ts'
import type { Row } from './rows.ts'
import { type Authorization, basic, loginRefused, token } from './token.ts'
import { createTransport, type Headers, type Incoming, type Outgoing, type Transport } from './transport.ts'

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** Below `/api/v2`, beginning with a slash; ids in it already checked by `segment`. */
  readonly path: string
  readonly query?: Query
  readonly body?: Row
  /** What is being done, for the error's sentence: `Reading cases`. No ids of people. */
  readonly doing: string
  /** Statuses beside 2xx that the caller judges itself. */
  readonly expect?: readonly number[]
  readonly signal?: AbortSignal | undefined
  /** Further headers; those of the adaptor win. */
  readonly headers?: Readonly<Record<string, string>>
  /** `text`: the body is handed on as it is, JSON or not. */
  readonly as?: 'text'
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON (or the text that was asked for); `undefined` with 204 and with an expected status that carries none. */
  readonly body: unknown
}

export interface Connection {
  /**
   * One request, with at most `concurrency` in flight; until one was answered well they go alone, so that a wrong password
   * costs one login. In a run all processes that share the store keep both together.
   *
   * A GET whose connection broke before any answer is sent once more, at once (a server closes a kept-alive connection
   * whenever it likes); nothing else is ever repeated here. After a request ran out of time, those that wait fail with it
   * and for a second nothing is sent: a run must end when Primero stops answering.
   *
   * @throws REMOTE_DOWN (later): `not_reached` without a connection and on 429, 503, with the wait Primero asks for;
   *         `unsure` on time-out, reset, 408, 425, 500, 502, 504
   * @throws CREDENTIALS_REFUSED (never) on 401, and from then on without asking; in a run, until somebody starts a process
   *         anew
   * @throws ACCESS_DENIED (403), PRIMERO_REJECTED (422, with the fields' names), REMOTE_REFUSED (other 3xx, 4xx): never
   * @throws REMOTE_NONSENSE (later, unsure) when a 2xx is not whole JSON
   * @throws CONFIGURATION (never) when the proxy would cut the request line
   * @source docs/systems.md §Primero/errors, §Primero/auth
   */
  ask(request: Ask): Promise<Answer>
  refused(): boolean
  close(): Promise<void>
}

/** How long nothing is sent after a request ran out of time. */
const restMs = 1000

export function connect(account: Account): Connection {
  const transport = createTransport(account)
  const authorization = account.basicAuth ? basic(account) : token(account, transport.send)
  let accepted = false
  let refused = false
  const gate = createGate(() => (accepted ? account.concurrency : 1))

  const refuse = async (admission: Admission | undefined): Promise<ExchangeError> => {
    accepted = false
    refused = admission === undefined
    gate.turnAway(loginRefused, refused ? Number.POSITIVE_INFINITY : 0)
    await admission?.refused()
    return loginRefused()
  }

  const accept = async (admission: Admission | undefined): Promise<void> => {
    if (accepted) return
    await admission?.accepted()
    accepted = true
  }

  const exchange = async (request: Ask, admission: Admission | undefined): Promise<Answer> => {
    const incoming = await authorized(authorization, request, account.base, transport.send).catch(async (error) => {
      throw error instanceof ExchangeError && error.code === 'CREDENTIALS_REFUSED' ? await refuse(admission) : error
    })
    if (incoming.is === 'failure') throw failed(incoming, gate)
    if (incoming.status === 401) throw await refuse(admission)
    const answer = read(incoming, request)
    await accept(admission)
    return answer
  }

  const enter = (request: Ask): Promise<Answer> => {
    const admission = admissionTo('primero')
    const options = { unproven: !accepted, signal: request.signal }
    return admitted(admission, options, () => exchange(request, admission))
  }

  return {
    ask: (request) => gate.pass(() => enter(request), { signal: request.signal, whenAborted: notBegun }),
    refused: () => refused,
    close: transport.close,
  }
}

/** Sends with the current header; after a 401 once more where a login can give a new one. */
async function authorized(
  authorization: Authorization,
  request: Ask,
  base: string,
  send: Transport['send'],
): Promise<Incoming> {
  const outgoing = outgoingOf(request, base)
  const attempt = async (header: string): Promise<Incoming> => {
    const withHeader = { ...outgoing, headers: { ...outgoing.headers, authorization: header } }
    const incoming = await send(withHeader)
    const again = incoming.is === 'failure' && incoming.how === 'reset' && request.method === 'GET'
    return again ? send(withHeader) : incoming
  }
  const header = await authorization.header()
  const incoming = await attempt(header)
  if (incoming.is === 'failure' || incoming.status !== 401) return incoming
  const renewed = await authorization.renew(header)
  return renewed === undefined ? incoming : attempt(renewed)
}

function outgoingOf({ method, path, query = {}, body, doing, signal, headers: more }: Ask, base: string): Outgoing {
  const url = `${base}${path}${queryString(query)}`
  assertShortPath(url.slice(new URL(base).origin.length), doing)
  const headers = { accept: 'application/json', ...lowerCase(more), 'user-agent': 'primero-progres-exchange' }
  if (body === undefined) return { method, url, headers, signal }
  return {
    method,
    url,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  }
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function failed({ how, error }: Incoming & { is: 'failure' }, gate: Gate): ExchangeError {
  if (how === 'silent') gate.turnAway(resting, restMs)
  return error
}

function read(incoming: Incoming & { is: 'answer' }, { doing, expect = [], as }: Ask): Answer {
  const { status, headers, text } = incoming
  const body = parseJson(text)
  if (status >= 200 && status < 300) {
    if (text === undefined) throw nonsense(doing, 'half an answer', status)
    if (status === 204) return { status, headers, body: undefined }
    if (as === 'text') return { status, headers, body: text }
    if (text === '') throw nonsense(doing, 'nothing', status)
    // What reads as an object is JSON, whatever it is called; the name only tells what came instead of it.
    if (!isObject(body))
      throw nonsense(doing, isJsonType(headers) ? 'broken JSON' : 'something that is not JSON', status)
    return { status, headers, body }
  }
  if (expect.includes(status)) return { status, headers, body }
  throw failureOf({ status, headers, body, doing }, new Date())
}

function isJsonType(headers: Headers): boolean {
  return /^application\/(\w+\+)?json\b/i.test(String(headers['content-type'] ?? ''))
}

function resting(): ExchangeError {
  return new ExchangeError('Primero was not asked: it has just left a request without an answer.', {
    code: 'REMOTE_DOWN',
    retry: 'later',
    reach: 'not_reached',
  })
}

function notBegun(): ExchangeError {
  return new ExchangeError('The request to Primero was given up before it was sent.', {
    code: 'REMOTE_DOWN',
    retry: 'later',
    reach: 'not_reached',
  })
}
