import { createHash } from 'node:crypto'
import { createSecretCheck } from '../store/secretCheck.ts'
import { createAddressList } from './addressList.ts'

/** Who may put messages into the inbox. */
export interface Guard {
  isAllowed(address: string): boolean
  isToken(presented: string | undefined): boolean
  /** Empty: messages need no signature. */
  readonly signingSecrets: readonly Uint8Array[]
}

interface Keepers {
  /** SHA-256 of each token, hex. The tokens themselves are not needed, so they are kept nowhere. */
  readonly tokenDigests: readonly string[]
  readonly signingSecrets?: readonly Uint8Array[]
  /** Addresses and networks; empty: all. */
  readonly allowedAddresses?: readonly string[]
}

/** @throws CONFIGURATION when `allowedAddresses` holds what is no address */
export function createGuard({ tokenDigests, signingSecrets = [], allowedAddresses = [] }: Keepers): Guard {
  const isListed = createAddressList('INBOX_ALLOWED_ADDRESSES', allowedAddresses)
  const isDigest = createSecretCheck(tokenDigests)
  return {
    isAllowed: (address) => allowedAddresses.length === 0 || isListed(address),
    isToken: (presented) => isDigest(presented ? digestOf(presented) : undefined),
    signingSecrets,
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
