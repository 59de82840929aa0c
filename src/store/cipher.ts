import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const ivBytes = 12
const tagBytes = 16
export const keyBytes = 32

/**
 * AES-256-GCM: nonce (12 bytes), tag (16 bytes), ciphertext.
 *
 * A random nonce is safe here because a key seals few texts: an entry key one, a day key the entries of a day.
 *
 * @param context  associated data: what the text belongs to; it opens nowhere else
 */
export function seal(key: Uint8Array, text: Uint8Array, context: string): Uint8Array {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

/** The text that was sealed, or undefined when key, context or one bit of `sealed` is another one. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Buffer | undefined {
  if (sealed.length < ivBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()])
  } catch {
    return undefined
  }
}

export function randomKey(): Buffer {
  return randomBytes(keyBytes)
}
