import { BlockList, isIP } from 'node:net'
import { ExchangeError } from '../errors/ExchangeError.ts'

/**
 * Tells whether an address is one of `ranges`: addresses (10.0.0.5) and networks (10.0.0.0/24, fd00::/8). What is no
 * address is never one of them.
 *
 * @param name  the variable that holds them, for the error
 * @throws CONFIGURATION when one of them is neither
 */
export function createAddressList(name: string, ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits, ...rest] = range.split('/')
    const family = isIP(address)
    const longest = family === 6 ? 128 : 32
    const prefix = bits === undefined ? longest : Number(bits)
    const isPrefix = bits !== '' && Number.isInteger(prefix) && prefix >= 0 && prefix <= longest
    if (family === 0 || !isPrefix || rest.length > 0) {
      throw new ExchangeError(`${name} holds "${range}", which is no address and no CIDR range.`, {
        code: 'CONFIGURATION',
        retry: 'never',
        hint: 'Write it like 10.0.0.5 or 10.0.0.0/24, separated by commas.',
      })
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}
