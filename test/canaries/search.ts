import { type Form, formsOf, lowered } from './forms.ts'
import type { Canaries } from './words.ts'

/** Where canaries stand in what was written or sent, as `field as form`, each once. */
export type Search = (found: string | Uint8Array) => readonly string[]

/**
 * Looks for all canaries in all their forms in one pass over the bytes, whatever their number: at each byte the last four
 * are looked up, and only where a needle has these four as its rarest ones is it compared.
 */
export function searchFor(canaries: Canaries): Search {
  const needles = Object.entries(canaries).flatMap(([field, canary]) =>
    formsOf(canary).map((form): Needle => ({ ...form, label: `${field} as ${form.name}` })),
  )
  const inAnyCase = indexOf(needles.filter((needle) => needle.anyCase))
  const asTheyAre = indexOf(needles.filter((needle) => !needle.anyCase))
  return (found) => {
    const bytes = typeof found === 'string' ? Buffer.from(found) : found
    return [...new Set([...scan(lowered(bytes), inAnyCase), ...scan(bytes, asTheyAre)])]
  }
}

interface Needle extends Form {
  readonly label: string
}

interface Index {
  /** 1 where some needle has an anchor with this hash. */
  readonly filter: Uint8Array
  readonly byAnchor: ReadonlyMap<number, readonly Anchored[]>
}

interface Anchored extends Needle {
  /** Offset of the anchor's last byte. */
  readonly end: number
}

const hashBits = 20
const hashOf = (gram: number) => Math.imul(gram, 0x9e3779b1) >>> (32 - hashBits)

function indexOf(needles: readonly Needle[]): Index {
  const counts = new Map<number, number>()
  for (const { bytes } of needles) for (const gram of gramsOf(bytes)) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  const filter = new Uint8Array(1 << hashBits)
  const byAnchor = new Map<number, Anchored[]>()
  for (const needle of needles) {
    const grams = gramsOf(needle.bytes)
    let rarest = 0
    for (const [at, gram] of grams.entries()) {
      if ((counts.get(gram) ?? 0) < (counts.get(grams[rarest] ?? 0) ?? 0)) rarest = at
    }
    const anchor = grams[rarest]
    if (anchor === undefined) throw new Error(`${needle.label} is shorter than four bytes.`)
    filter[hashOf(anchor)] = 1
    byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), { ...needle, end: rarest + 3 }])
  }
  return { filter, byAnchor }
}

function gramsOf(bytes: Uint8Array): readonly number[] {
  const grams: number[] = []
  let gram = 0
  for (let at = 0; at < bytes.length; at++) {
    gram = (gram >>> 8) | ((bytes[at] ?? 0) << 24)
    if (at >= 3) grams.push(gram)
  }
  return grams
}

function scan(bytes: Uint8Array, { filter, byAnchor }: Index): ReadonlySet<string> {
  const found = new Set<string>()
  let gram = 0
  for (let at = 0; at < bytes.length; at++) {
    gram = (gram >>> 8) | ((bytes[at] as number) << 24)
    if (filter[hashOf(gram)] === 0 || at < 3) continue
    for (const needle of byAnchor.get(gram) ?? []) {
      if (!found.has(needle.label) && standsAt(bytes, at - needle.end, needle.bytes)) found.add(needle.label)
    }
  }
  return found
}

function standsAt(bytes: Uint8Array, from: number, needle: Uint8Array): boolean {
  if (from < 0 || from + needle.length > bytes.length) return false
  for (let at = 0; at < needle.length; at++) if (bytes[from + at] !== needle[at]) return false
  return true
}
