/** Texts that stand for a person in one field each, so that a leak tells where it came from. */
export type Canaries = Readonly<Record<string, string>>

/**
 * Where canaries show in what was written or sent, as `field as encoding`. Looked for as they are, in any case, reversed,
 * escaped as JSON, encoded for URLs, as hex, as UTF-16, and as base64 wherever in a longer text they begin.
 */
export function leaksIn(found: string | Buffer, canaries: Canaries): readonly string[] {
  const raw = typeof found === 'string' ? Buffer.from(found) : found
  const lower = Buffer.from(raw.toString('latin1').toLowerCase(), 'latin1')
  return Object.entries(canaries).flatMap(([field, canary]) => [
    ...formsOf(canary).flatMap(([name, bytes]) => (raw.includes(bytes) ? [`${field} as ${name}`] : [])),
    ...formsIgnoringCase(canary).flatMap(([name, bytes]) => (lower.includes(bytes) ? [`${field} as ${name}`] : [])),
  ])
}

/** One text with every canary in every form: what a search must find, or it finds nothing. */
export function everyForm(canaries: Canaries): { readonly text: Buffer; readonly expected: number } {
  const forms = Object.values(canaries).flatMap((canary) => [...formsOf(canary), ...formsIgnoringCase(canary)])
  return { text: Buffer.concat(forms.flatMap(([, bytes]) => [bytes, Buffer.from('\n')])), expected: forms.length }
}

type Form = readonly [name: string, bytes: Buffer]

function formsOf(canary: string): readonly Form[] {
  const bytes = Buffer.from(canary)
  return [
    ['UTF-8', bytes],
    ['UTF-16', Buffer.from(canary, 'utf16le')],
    ...[0, 1, 2].flatMap((before): readonly Form[] => [
      [`base64 after ${before} bytes`, withoutEdges(bytes, before, 'base64')],
      [`base64url after ${before} bytes`, withoutEdges(bytes, before, 'base64url')],
    ]),
  ]
}

function formsIgnoringCase(canary: string): readonly Form[] {
  // Only ASCII changes its case here: the haystack was lowered byte by byte.
  const form = (name: string, text: string): Form => [
    name,
    Buffer.from(Buffer.from(text).toString('latin1').toLowerCase(), 'latin1'),
  ]
  const escaped = JSON.stringify(canary)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [
    form('any case', canary),
    form('reversed', [...canary].toReversed().join('')),
    form('JSON-escaped', escaped),
    form('URL-encoded', encodeURIComponent(canary)),
    form('form-encoded', new URLSearchParams({ a: canary }).toString().slice(2)),
    form('hex', Buffer.from(canary).toString('hex')),
  ]
}

/** The base64 digits that depend on the canary alone, whatever stands before and after it. */
function withoutEdges(bytes: Buffer, before: number, encoding: 'base64' | 'base64url'): Buffer {
  const whole = Buffer.concat([Buffer.alloc(before), bytes])
    .toString(encoding)
    .replace(/=+$/, '')
  const bits = (before + bytes.length) * 8
  const from = Math.ceil((before * 8) / 6)
  return Buffer.from(whole.slice(from, Math.floor(bits / 6)))
}
