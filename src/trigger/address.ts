import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { ExchangeError } from '../errors/ExchangeError.ts'

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
  const proxies = blockListOf(trusted)
  const isTrusted = (address: string) => proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  return (request) => {
    let address = plain(request.socket.remoteAddress ?? '')
    if (trusted.length === 0) return address
    const forwarded = request.headersDistinct['x-forwarded-for']?.join(',').split(',') ?? []
    while (isIP(address) !== 0 && isTrusted(address)) {
      const before = plain(forwarded.pop()?.trim() ?? '')
      if (isIP(before) === 0) break
      address = before
    }
    return address
  }
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits, ...rest] = range.split('/')
    const family = isIP(address)
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits)
    const isPrefix = bits !== '' && Number.isInteger(prefix) && prefix >= 0 && prefix <= (family === 6 ? 128 : 32)
    if (family === 0 || !isPrefix || rest.length > 0) {
      throw new ExchangeError(`TRUSTED_PROXIES holds "${range}", which is no address and no CIDR range.`, {
        code: 'CONFIGURATION',
        retry: 'never',
        hint: 'Write it like 10.0.0.5 or 10.0.0.0/24, separated by commas.',
      })
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** An IPv4 address that a dual-stack socket reports as IPv6 is the IPv4 address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
