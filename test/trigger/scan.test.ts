import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../src/trigger/message.ts'
import { createScan, maxDepth, maxKeys } from '../../src/trigger/scan.ts'

describe('scan', () => {
  it('finds every key of any JSON, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 8 }),
        fc.nat(4),
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        (value, indent, cuts) => {
          const text = JSON.stringify(value, null, indent)

          const { stop, keys } = scan(Buffer.from(text), cuts)

          expect(stop).toBeUndefined()
          expect(keys).toBe(countKeys(JSON.parse(text)))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('lets 100 levels pass and stops at the 101st, before the body is whole', () => {
    expect(createScan().take(Buffer.from('['.repeat(maxDepth)))).toBeUndefined()
    expect(createScan().take(Buffer.from('[{"a":'.repeat(maxDepth / 2)))).toBeUndefined()
    expect(createScan().take(Buffer.from('['.repeat(maxDepth + 1)))).toBe('too_deep')
    expect(createScan().take(Buffer.from('{"a":'.repeat(maxDepth + 1)))).toBe('too_deep')
  })

  it('counts levels, not brackets', () => {
    const text = `[${'[],{"a":{}},'.repeat(500)}1]`

    expect(createScan().take(Buffer.from(text))).toBeUndefined()
  })

  it('lets 200,000 keys pass and stops at the next', () => {
    expect(createScan().take(Buffer.from(`[${'{"a":1},'.repeat(maxKeys)}1]`))).toBeUndefined()
    expect(createScan().take(Buffer.from(`[${'{"a":1},'.repeat(maxKeys + 1)}1]`))).toBe('too_many_keys')
  })

  it.each(['"[[[:{"', '"\\"[:"', '"\\\\"', '"\\\\\\":["', '"ገ[ˑ:"', '"\\u005b:"'])(
    'sees no delimiter inside the string %s',
    (text) => {
      const whole = createScan()
      const cut = createScan()

      whole.take(Buffer.from(text.repeat(60)))
      for (const byte of Buffer.from(text.repeat(60))) cut.take(Buffer.of(byte))

      expect([whole.keys(), cut.keys()]).toEqual([0, 0])
    },
  )

  it('never lets pass what JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.nat(),
        fc.uint8Array({ maxLength: 3 }),
        fc.nat(3),
        (value, at, insert, drop) => {
          const bytes = Buffer.from(JSON.stringify([value]))
          const place = at % (bytes.length + 1)
          const mutated = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + drop)])

          const accepted = accepts(mutated)

          if (accepted)
            expect(() =>
              JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(mutated)),
            ).not.toThrow()
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('costs less than the parsing that follows, so that it is not what limits the inbox', () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => ({
      number: `INT-${n}`,
      note: 'x'.repeat(120),
      list: [n, true],
    }))
    const bytes = Buffer.from(JSON.stringify({ rows }))

    const rounds = Array.from({ length: 12 }, () => ({
      scan: milliseconds(() => createScan().take(bytes)),
      parse: milliseconds(() => JSON.parse(bytes.toString('utf8'))),
    }))

    expect(Math.min(...rounds.map(({ scan }) => scan))).toBeLessThan(Math.min(...rounds.map(({ parse }) => parse)))
  })
})

function scan(bytes: Buffer, cuts: Iterator<number>) {
  const scan = createScan()
  for (let at = 0; at < bytes.length; ) {
    const end = at + (cuts.next().value ?? 1)
    const stop = scan.take(bytes.subarray(at, end))
    if (stop !== undefined) return { stop, keys: scan.keys() }
    at = end
  }
  return { stop: undefined, keys: scan.keys() }
}

function accepts(bytes: Buffer): boolean {
  const scan = createScan()
  return scan.take(bytes) === undefined && readMessage(bytes, scan.keys()).refusal === undefined
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const below = Object.values(value).reduce((sum: number, item) => sum + countKeys(item), 0)
  return below + (Array.isArray(value) ? 0 : Object.keys(value).length)
}

function milliseconds(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
