import { createHash } from 'node:crypto'

/** One way in which a text may stand somewhere. */
export interface Form {
  readonly name: string
  readonly bytes: Buffer
  /** Looked for with ASCII letters in either case. */
  readonly anyCase: boolean
}

/**
 * Every way in which a text is looked for: as it is and reversed, in UTF-8 and UTF-16, escaped for JSON, addresses, forms and
 * pages, in hex and base64 wherever in a longer text it begins, and its plain digests. A day also in the order of other calendars.
 */
export function formsOf(canary: string): readonly Form[] {
  const all = [...written(canary), ...ordersOf(canary).map((day) => anyCase('another order', day))]
  const known = new Set<string>()
  return all.filter(({ bytes, anyCase: folded }) => {
    const key = `${folded}${bytes.toString('latin1')}`
    return !known.has(key) && known.add(key)
  })
}

/** ASCII letters in lower case, byte by byte, whatever the encoding. */
export function lowered(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes)
  for (let at = 0; at < copy.length; at++) {
    const byte = copy[at] ?? 0
    if (byte > 0x40 && byte < 0x5b) copy[at] = byte + 0x20
  }
  return copy
}

function written(canary: string): readonly Form[] {
  const bytes = Buffer.from(canary)
  const codes = [...canary].map((letter) => letter.codePointAt(0) ?? 0)
  const outsideAscii = (escaped: (code: number) => string) =>
    codes.map((code) => (code < 0x80 ? String.fromCodePoint(code) : escaped(code))).join('')
  return [
    anyCase('UTF-8', canary),
    anyCase('lower case', canary.toLowerCase()),
    anyCase('upper case', canary.toUpperCase()),
    anyCase('reversed', [...canary].toReversed().join('')),
    anyCase('UTF-16LE', Buffer.from(canary, 'utf16le')),
    anyCase('UTF-16BE', Buffer.from(canary, 'utf16le').swap16()),
    anyCase(
      'JSON-escaped',
      outsideAscii((code) => `\\u${code.toString(16).padStart(4, '0')}`),
    ),
    anyCase('URL-encoded', encodeURIComponent(canary)),
    anyCase('form-encoded', new URLSearchParams({ a: canary }).toString().slice(2)),
    anyCase(
      'HTML, hexadecimal',
      outsideAscii((code) => `&#x${code.toString(16)};`),
    ),
    anyCase(
      'HTML, decimal',
      outsideAscii((code) => `&#${code};`),
    ),
    anyCase('Latin-1 read as UTF-8', Buffer.from(bytes.toString('latin1'))),
    anyCase('hex', bytes.toString('hex')),
    ...[0, 1, 2].flatMap((before) => [
      exact(`base64 after ${before} bytes`, withoutEdges(bytes, before, 'base64')),
      exact(`base64url after ${before} bytes`, withoutEdges(bytes, before, 'base64url')),
    ]),
    ...['sha1', 'sha256'].flatMap((algorithm) => {
      const digest = createHash(algorithm).update(bytes).digest()
      return [
        anyCase(`${algorithm}, hex`, digest.toString('hex')),
        exact(`${algorithm}, base64`, digest.toString('base64').replace(/=+$/, '')),
        exact(`${algorithm}, base64url`, digest.toString('base64url')),
        anyCase(`${algorithm}, bytes`, digest),
      ]
    }),
  ]
}

function ordersOf(text: string): readonly string[] {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (year === undefined) return []
  return [
    `${day}/${month}/${year}`,
    `${month}/${day}/${year}`,
    `${day}.${month}.${year}`,
    new Date(text).toDateString(),
  ]
}

function anyCase(name: string, text: string | Buffer): Form {
  return { name, bytes: lowered(typeof text === 'string' ? Buffer.from(text) : text), anyCase: true }
}

function exact(name: string, text: string): Form {
  return { name, bytes: Buffer.from(text), anyCase: false }
}

/** The base64 digits that depend on the canary alone, whatever stands before and after it. */
function withoutEdges(bytes: Buffer, before: number, encoding: 'base64' | 'base64url'): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes])
    .toString(encoding)
    .replace(/=+$/, '')
  return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}
