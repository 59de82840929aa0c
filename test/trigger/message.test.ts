import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/trigger/canonical.ts'
import { readMessage } from '../../src/trigger/message.ts'
import { createScan } from '../../src/trigger/scan.ts'

describe('message', () => {
  it.each([
    ['nothing', '', 'not_json'],
    ['cut off', '{"a":', 'not_json'],
    ['two values', '{} {}', 'not_json'],
    ['a comment', '{/* */}', 'not_json'],
    ['a text', '"a"', 'not_object'],
    ['a number', '1', 'not_object'],
    ['null', 'null', 'not_object'],
    ['a key twice', '{"a":1,"a":1}', 'duplicate_key'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['a key twice in a deeper object', '[{"b":{"a":1,"c":2,"a":3}}]', 'duplicate_key'],
    ['a numeric key twice', '{"1":1,"2":2,"1":3}', 'duplicate_key'],
    ['__proto__', '{"__proto__":{"admin":true}}', 'forbidden_key'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'forbidden_key'],
    ['constructor', '{"a":{"constructor":{"prototype":{}}}}', 'forbidden_key'],
    ['prototype', '[[{"prototype":1}]]', 'forbidden_key'],
    ['__proto__, escaped', '{"\\u005f_proto__":1}', 'forbidden_key'],
    ['half a surrogate pair', '{"a":"\\ud83d"}', 'bad_text'],
    ['the other half', '{"a":"x\\ude00y"}', 'bad_text'],
    ['halves in the wrong order', '{"a":"\\ude00\\ud83d"}', 'bad_text'],
    ['half a pair in a key', '{"\\ud83d":1}', 'bad_text'],
    ['an escaped NUL', '{"a":"\\u0000"}', 'bad_text'],
    ['a number that is no number any more', '{"a":1e400}', 'bad_number'],
    ['a negative one', '[-1e400]', 'bad_number'],
    ['a byte order mark', '\ufeff{}', 'not_json'],
    ['a raw NUL', '{"a":"\0"}', 'not_json'],
    ['a raw line break in a text', '{"a":"\n"}', 'not_json'],
  ])('%s is refused', (_, text, refusal) => {
    expect(read(Buffer.from(text))).toEqual({ refusal })
  })

  it.each([
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'not_json'],
    ['UTF-16 with a mark', Buffer.from('\ufeff{"a":1}', 'utf16le'), 'not_utf8'],
    ['Latin-1', Buffer.from('{"a":"Zoë"}', 'latin1'), 'not_utf8'],
    ['an overlong sequence', Buffer.from([0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d]), 'not_utf8'],
    ['an encoded surrogate', Buffer.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]), 'not_utf8'],
  ])('%s is refused', (_, bytes, refusal) => {
    expect(read(bytes)).toEqual({ refusal })
  })

  it.each([
    '{}',
    '[]',
    '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
    '{"a":{"b":1},"c":{"b":1}}',
    '{"a":1,"A":2,"\u00e1":3,"a\u0301":4}',
    '{"name":"ሰላም \\ud83d\\ude00 😀 \u202e\u200b","n":-1.5e3}',
    '{"":1}',
  ])('%s is taken as it is', (text) => {
    const message = read(Buffer.from(text))

    expect(message).toEqual({ text, body: JSON.parse(text) })
  })

  it('whatever JSON.stringify writes is taken, unless a rule names it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())), (value) => {
        const text = JSON.stringify(value)
        const isNamed = /\\u0000|\\ud[89a-f]|"(__proto__|constructor|prototype)":/i.test(text)

        const { refusal } = read(Buffer.from(text))

        expect(refusal === undefined || isNamed).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('canonical JSON', () => {
  it('is the same for every order of keys and every spacing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(6), (value, indent) => {
        const respelled = JSON.parse(JSON.stringify(reversed(value), null, indent))

        expect(canonicalJson(respelled)).toBe(canonicalJson(JSON.parse(JSON.stringify(value))))
      }),
      { numRuns: 500 },
    )
  })

  it('is valid JSON of an equal value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value))

        expect(JSON.parse(canonicalJson(plain))).toEqual(plain)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['the order of a list', [1, 2], [2, 1]],
    ['text and number', { a: '1' }, { a: 1 }],
    ['a missing key and null', { a: null }, {}],
    ['composed and decomposed letters', '\u00e1', 'a\u0301'],
    ['a list in a list', [[1], 2], [[1, 2]]],
  ])('tells %s apart', (_, one, other) => {
    expect(canonicalJson(one)).not.toBe(canonicalJson(other))
  })
})

function read(bytes: Buffer) {
  const scan = createScan()
  scan.take(bytes)
  return readMessage(bytes, scan.keys())
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  )
}
