import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Refusal } from './refusals.ts'

/** What a signed message says of itself in its headers, before its body is read. */
export interface SignatureClaim {
  /** `webhook-id`: the same for every attempt to deliver one message. */
  readonly id: string
  readonly timestamp: string
  readonly signatures: readonly Buffer[]
}

type Claimed =
  | { readonly claim: SignatureClaim; readonly refusal?: never }
  | { readonly refusal: Refusal; readonly claim?: never }

/** How far the sender's clock may be off, either way; an older message may be one that somebody recorded. */
export const toleranceMs = 5 * 60_000

/**
 * Reads `webhook-id`, `webhook-timestamp` and `webhook-signature`; each once, or it is refused.
 *
 * @source Standard Webhooks 1.0 (headers, time of five minutes, `v1,<base64>` separated by spaces)
 */
export function readClaim({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>, now: Date): Claimed {
  const one = (name: string) => {
    const [value, ...more] = headersDistinct[name] ?? []
    return more.length === 0 ? value : undefined
  }
  const [id, timestamp, signature] = [one('webhook-id'), one('webhook-timestamp'), one('webhook-signature')]
  if (!id || id.length > 256 || timestamp === undefined || signature === undefined) {
    return { refusal: 'signature_missing' }
  }
  const isTime = /^\d{1,12}$/.test(timestamp)
  if (!isTime || Math.abs(now.getTime() - Number(timestamp) * 1000) > toleranceMs) return { refusal: 'signature_stale' }
  const signatures = signature
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice('v1,'.length), 'base64'))
  return { claim: { id, timestamp, signatures } }
}

/**
 * Whether one of the signatures was made with one of the secrets, over exactly these bytes. During a rotation both sides
 * may have several. Every pair is compared, in constant time.
 */
export function isSigned(secrets: readonly Uint8Array[], claim: SignatureClaim, body: Uint8Array): boolean {
  let matches = 0
  for (const secret of secrets) {
    const right = createHmac('sha256', secret).update(`${claim.id}.${claim.timestamp}.`).update(body).digest()
    for (const given of claim.signatures) {
      matches += given.length === right.length && timingSafeEqual(given, right) ? 1 : 0
    }
  }
  return matches > 0
}
