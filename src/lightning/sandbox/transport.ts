import { request } from '@openfn/language-http'
import { isReset, isTimeOut, networkFailure } from '../../adaptors/http/networkFailure.ts'
import type { Account } from '../../adaptors/language-primero/configuration.ts'
import type { Headers, Incoming, Outgoing, Transport } from '../../adaptors/language-primero/transport.ts'
import { ExchangeError } from '../../errors/ExchangeError.ts'

/** What of language-http's operation is used. */
type Request = (state: Readonly<Record<string, unknown>>) => Promise<{
  readonly data?: unknown
  readonly response: { readonly statusCode: number; readonly headers: Headers }
}>

/**
 * In the place of the Primero client's own transport: the sandbox has no sockets, so requests go through
 * `@openfn/language-http`. It cannot be told to give up, and whether a request had been sent when its connection broke is
 * judged by the kind of error.
 */
export function createTransport(account: Account): Transport {
  return { send: (outgoing) => send(account, outgoing), close: async () => {} }
}

async function send({ timeoutMs, connect: tls }: Account, { method, url, headers, body }: Outgoing): Promise<Incoming> {
  assertShortWhenEncoded(url)
  const parts: Request = request(method, url, {
    headers,
    ...(body === undefined ? {} : { body }),
    errors: false,
    parseAs: 'text',
    timeout: timeoutMs,
    maxRedirections: 0,
  })
  try {
    const configuration = { baseUrl: new URL(url).origin, tls }
    const { data, response } = await parts({ configuration, references: [], data: {} })
    const text = typeof data === 'string' ? data : ''
    return { is: 'answer', status: response.statusCode, headers: response.headers, text }
  } catch (error) {
    const unnamed =
      error instanceof Error ? /^Status code does not exist: (\d{3})$/.exec(error.message)?.[1] : undefined
    if (unnamed !== undefined) return { is: 'answer', status: Number(unnamed), headers: {}, text: '' }
    const how = isTimeOut(error) ? 'silent' : isReset(error) ? 'reset' : 'other'
    return { is: 'failure', how, error: networkFailure(error, { system: 'Primero' }) }
  }
}

/**
 * language-http encodes commas and colons, which makes the request line longer than it was when it was measured.
 *
 * @source docs/systems.md §Primero/lists (the stock proxy cuts it at 1,024 bytes)
 */
function assertShortWhenEncoded(url: string): void {
  const line = url.slice(new URL(url).origin.length)
  const signs = line.slice(line.indexOf('?') + 1).match(/[,:]/g)?.length ?? 0
  if (!line.includes('?') || line.length + 2 * signs <= longestPathBytes) return
  throw new ExchangeError('The request would be longer than what the proxy of Primero takes.', {
    code: 'CONFIGURATION',
    retry: 'never',
    reach: 'refused',
    hint: 'Ask for fewer fields.',
  })
}

const longestPathBytes = 1000
