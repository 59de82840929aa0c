/** What stops the reading of a body before its end. */
export type ScanStop = 'too_deep' | 'too_many_keys'

export interface Scan {
  /** Takes the next bytes, cut anywhere. Once it has answered a stop, the rest need not be read. */
  take(chunk: Uint8Array): ScanStop | undefined
  /** Keys seen so far: colons outside strings. For valid JSON that is every key, repeated ones counted again. */
  readonly keys: () => number
}

export const maxDepth = 100
export const maxKeys = 200_000

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
/** `[` and `{` differ in one bit, as do `]` and `}`: with it set both are the brace. */
const bracketBit = 0x20
const open = 0x7b
const close = 0x7d

/**
 * Counts depth and keys of JSON while its bytes arrive, so that a hostile body is dropped before it is whole.
 *
 * It judges nothing else: for what is not JSON its counts mean little, and `JSON.parse` has the last word. Bytes of
 * UTF-8 sequences are all above 0x7f and never look like a delimiter.
 */
export function createScan(): Scan {
  let inString = false
  let escaped = false
  let depth = 0
  let keys = 0

  return {
    keys: () => keys,
    take(chunk) {
      const { length } = chunk
      let at = 0
      while (at < length) {
        if (inString) {
          if (escaped) {
            escaped = false
            at++
          }
          while (at < length) {
            const byte = chunk[at++]
            if (byte === quote) {
              inString = false
              break
            }
            if (byte === backslash) {
              escaped = true
              break
            }
          }
          continue
        }
        while (at < length) {
          const byte = chunk[at++]
          if (byte === quote) {
            inString = true
            break
          }
          if (byte === colon) {
            if (++keys > maxKeys) return 'too_many_keys'
          } else if (byte !== undefined && byte > 0x5a) {
            const brace = byte | bracketBit
            if (brace === open) {
              if (++depth > maxDepth) return 'too_deep'
            } else if (brace === close) depth--
          }
        }
      }
      return undefined
    },
  }
}
