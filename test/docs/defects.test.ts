import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read, root } from './tree.ts'

interface Row {
  readonly number: number
  readonly story: string
  readonly instead: string
  readonly tests: readonly { readonly file: string; readonly begins: string }[]
  readonly proof: string
}

const rows: Row[] = read('docs/defects.md')
  .split('\n')
  .filter((line) => /^\| D\d+ \|/.test(line))
  .map((line) => {
    const [, number = '', story = '', instead = '', proof = ''] = line.split('|').map((cell) => cell.trim())
    const tests = [...proof.matchAll(/`(test\/[^`]+)`: “([^”]+)…”/g)].map(([, file = '', begins = '']) => ({
      file,
      begins,
    }))
    return { number: Number(number.slice(1)), story, instead, tests, proof }
  })

test('all 97 known defects are listed once, in order, with a story and what happens here', () => {
  expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 97 }, (_, index) => index + 1))
  expect(rows.filter((row) => row.story.length < 15 || row.instead.length < 10)).toEqual([])
})

test('every defect has a test', () => {
  expect(rows.filter(({ tests }) => tests.length === 0).map(({ number }) => number)).toEqual([])
})

test('the last column holds tests and nothing else', () => {
  const shown = ({ tests }: Row) => tests.map(({ file, begins }) => `\`${file}\`: “${begins}…”`).join('<br>')

  expect(rows.filter((row) => row.proof !== shown(row)).map(({ number }) => number)).toEqual([])
})

describe('every test that the list names exists and begins with the number', () => {
  test.each(rows)('D$number', ({ number, tests }) => {
    for (const { file, begins } of tests) {
      expect(existsSync(join(root, file)), file).toBe(true)
      expect(namesIn(file), file).toContain(begins)
      expect(numbersOf(begins), begins).toContain(number)
    }
  })
})

/** Source of a test file without comments, and with the marks of TypeScript taken off what stands in quotes. */
function namesIn(file: string): string {
  const lines = read(file).split('\n')
  return lines
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .join('\n')
    .replaceAll("\\'", "'")
    .replaceAll('|', '/')
}

/** `D1, D2, D3: one bad …` → 1, 2, 3 */
function numbersOf(name: string): number[] {
  const [list = ''] = /^D\d+(?:, D\d+)*(?=: )/.exec(name) ?? []
  return [...list.matchAll(/\d+/g)].map(([number]) => Number(number))
}
