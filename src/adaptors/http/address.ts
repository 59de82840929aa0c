import { ExchangeError } from '../../errors/ExchangeError.ts'

/**
 * The base URL of another system, without a trailing slash.
 *
 * Plain http is for loopback and unix sockets only: the header carries a password or a key, the body a child's data.
 *
 * @param name  the variable to name in the error, e.g. `PRIMERO_URL`
 * @throws CONFIGURATION (never); the address itself is not quoted, it may hold a password
 */
export function baseAddress(url: string, name: string, socketPath: unknown): string {
  if (!URL.canParse(url)) throw unusable(`${name} is no URL.`)
  const parsed = new URL(url)
  if (parsed.username !== '' || parsed.password !== '') throw unusable(`${name} holds a user name or password.`)
  if (parsed.search !== '' || parsed.hash !== '') throw unusable(`${name} holds a query or fragment.`)
  const private_ = socketPath !== undefined || isLoopback(parsed.hostname)
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && private_))
    throw unusable(`${name} must begin with https://; plain http is for loopback only.`)
  return `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '')
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function unusable(message: string): ExchangeError {
  return new ExchangeError(message, {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'Correct the variable and start again; `exchange check` tests it.',
  })
}
