import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { bytesOf } from './globals.ts'

/** In the place of `node:crypto`: SHA-256 of texts, in hex, is all that bundled jobs ask of it. */
export function createHash(algorithm: string) {
  if (algorithm !== 'sha256') throw new TypeError('Only SHA-256 is bundled.')
  const texts: string[] = []
  const hash = {
    update(text: string) {
      texts.push(text)
      return hash
    },
    digest: (_encoding: 'hex') => bytesToHex(sha256(bytesOf(texts.join('')))),
  }
  return hash
}

/** Certificates are not read in the sandbox: one that has run out is found out by the other side. */
export class X509Certificate {
  readonly validFrom = ''
  readonly validTo = ''
  readonly fingerprint = ''

  constructor() {
    throw new TypeError('Certificates cannot be read here.')
  }
}

export function hmacSha256(key: string, text: string): string {
  return bytesToHex(hmac(sha256, bytesOf(key), bytesOf(text)))
}
