import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { createAddressList } from './addressList.ts'

/**
 * The address that a request came from.
 *
 * `X-Forwarded-For` counts only as far as trusted proxies wrote it: from the right, past every address that is trusted;
 * the first that is not is the sender. Whatever stands left of it is the sender's own claim and is ignored.
 *
 * @param trusted  addresses or CIDR ranges
 * @throws CONFIGURATION when one of them is neither
 */
export function createAddressOf(trusted: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = createAddressList('TRUSTED_PROXIES', trusted)

  return (request) => {
    let address = plain(request.socket.remoteAddress ?? '')
    if (trusted.length === 0) return address
    const forwarded = request.headersDistinct['x-forwarded-for']?.join(',').split(',') ?? []
    while (isTrusted(address)) {
      const before = plain(forwarded.pop()?.trim() ?? '')
      if (isIP(before) === 0) break
      address = before
    }
    return address
  }
}

/** An IPv4 address that a dual-stack socket reports as IPv6 is the IPv4 address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
