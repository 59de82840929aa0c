import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly engines?: { readonly node?: string }
  readonly optional?: boolean
}

const lockfile = fileURLToPath(new URL('../../package-lock.json', import.meta.url))
const packages: Readonly<Record<string, Locked>> = JSON.parse(readFileSync(lockfile, 'utf8')).packages
const oldest = [20, 19, 0] as const

test('every locked package runs on the oldest Node that we promise', () => {
  const refusing = Object.entries(packages)
    .filter(([, { engines }]) => engines?.node !== undefined && !accepts(engines.node))
    .map(([path, { version, engines }]) => `${path} ${version} wants ${engines?.node}`)

  expect(refusing).toEqual([])
})

test.each([
  ['>=20.19', true],
  ['>=22', false],
  ['^20.17.0 || >=22.9.0', true],
  ['^20.20.0 || >=22', false],
  ['>= 18 < 20', false],
  ['>=18.0.0 <23', true],
  ['18 || 20 || >=22', true],
  ['^18', false],
  ['~20.18.0', false],
  ['*', true],
  ['20.x', true],
  ['>20', false],
  ['<=22', true],
])('the range %s accepts Node 20.19: %s', (range, expected) => {
  expect(accepts(range)).toBe(expected)
})

/** npm's ranges as `engines` uses them: alternatives of comparators, `^`, `~`, `x`, bare versions. */
function accepts(range: string): boolean {
  return range.split('||').some((alternative) => {
    const comparators = alternative
      .replaceAll(/([<>=^~]+)\s+/g, '$1')
      .split(/\s+/)
      .filter((part) => part !== '')
    return comparators.every(holds)
  })
}

function holds(comparator: string): boolean {
  const [, operator = '', text = ''] = /^([<>=^~]*)v?(.*)$/.exec(comparator) ?? []
  const parts = text
    .split('.')
    .filter((part) => !['', 'x', 'X', '*'].includes(part))
    .map(Number)
  const order = compare(oldest.slice(0, operator === '' ? parts.length : 3), parts)
  if (operator === '>=') return order >= 0
  if (operator === '>') return compare(oldest.slice(0, parts.length), parts) > 0
  if (operator === '<') return order < 0
  if (operator === '<=') return compare(oldest.slice(0, parts.length), parts) <= 0
  if (operator === '^') return order >= 0 && parts[0] === oldest[0]
  if (operator === '~')
    return order >= 0 && compare(oldest.slice(0, Math.min(2, parts.length)), parts.slice(0, 2)) === 0
  return order === 0
}

function compare(one: readonly number[], other: readonly number[]): number {
  const difference = one.map((part, index) => part - (other[index] ?? 0)).find((part) => part !== 0)
  return difference ?? 0
}
