/** Texts that stand for one field of one person each, so that a leak tells where it came from: field → text. */
export type Canaries = Readonly<Record<string, string>>

export type Kind = 'word' | 'email' | 'phone' | 'day' | 'individual' | 'group' | 'guid'

/** Makes texts in legal form that stand nowhere else; the same calls give the same texts. */
export function canaryMaker(): (kind: Kind) => string {
  const counts: Partial<Record<Kind, number>> = {}
  return (kind) => {
    const n = (counts[kind] ?? 0) + 1
    counts[kind] = n
    return makers[kind](n)
  }
}

const digits = (n: number, length: number) => String(n).padStart(length, '0')

const makers: Readonly<Record<Kind, (n: number) => string>> = {
  word: (n) => word(n, scripts[n % scripts.length] ?? latin),
  email: (n) => `${word(100_000 + n, latin).toLowerCase()}@example.org`,
  phone: (n) => `+25190077${digits(n, 4)}`,
  // A day in the life of a child which no table, clock or other fixture of this repository holds.
  day: (n) => new Date(Date.UTC(2010, 6, 3 + 5 * n)).toISOString().slice(0, 10),
  individual: (n) => `990-0777${digits(n, 4)}`,
  group: (n) => `990-26-7${digits(n, 4)}`,
  guid: (n) => `00000000-0000-4000-8000-00007777${digits(n, 4)}`,
}

interface Script {
  readonly letters: readonly string[]
  readonly length: number
}

const between = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at))

const latin: Script = { letters: [...'bcdfghjklmnpqrstvwxyz'], length: 11 }
const accented: Script = { letters: [...'bcdfgñóéçüžşkẹ'], length: 10 }
/** The syllables of the first rows of Ge'ez that are letters in every version of Unicode. */
const geez: Script = { letters: between(0x1200, 0x1246), length: 6 }
const arabic: Script = { letters: between(0x0628, 0x063a), length: 8 }
const scripts = [latin, geez, accented, arabic, latin]

/** Letters drawn by a fixed generator: a word that no language has. */
function word(n: number, { letters, length }: Script): string {
  let state = Math.imul(n, 0x9e3779b1) ^ 0x5bd1e995
  const drawn = Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
    state = (Math.imul(state ^ (state >>> 12), 0x297a2d39) + n) | 0
    return letters[(state >>> 0) % letters.length] ?? ''
  })
  const [first = '', ...rest] = drawn
  return first.toUpperCase() + rest.join('')
}
