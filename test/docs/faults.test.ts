import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesUnder, read, root } from './tree.ts'

interface Row {
  readonly number: number
  readonly wrong: string
  readonly happens: string
  readonly tests: readonly { readonly file: string; readonly begins: string }[]
  readonly proof: string
}

const rows: Row[] = read('docs/faults.md')
  .split('\n')
  .filter((line) => /^\| F\d+ \|/.test(line))
  .map((line) => {
    const [, number = '', wrong = '', happens = '', proof = ''] = line.split('|').map((cell) => cell.trim())
    const tests = [...proof.matchAll(/`(test\/[^`]+)`: “([^”]+)”/g)].map(([, file = '', begins = '']) => ({
      file,
      begins,
    }))
    return { number: Number(number.slice(1)), wrong, happens, tests, proof }
  })

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('the faults of transport and store are listed once, in order, with what happens', () => {
  expect(rows.map(({ number }) => number)).toEqual([...range(1, 26), ...range(36, 40)])
  expect(rows.filter(({ wrong, happens }) => wrong.length < 15 || happens.length < 10)).toEqual([])
})

test('what is left out says so, with its reason', () => {
  const leftOut = rows.find(({ number }) => number === 36)?.wrong

  expect(leftOut).toMatch(/Left out: an I\/O error of the disk and a file system without free inodes, which need/)
})

test('the last column holds tests and nothing else', () => {
  const shown = ({ tests }: Row) => tests.map(({ file, begins }) => `\`${file}\`: “${begins}”`).join('<br>')

  expect(rows.filter((row) => row.tests.length === 0 || row.proof !== shown(row)).map(({ number }) => number)).toEqual(
    [],
  )
})

describe('every test that the list names exists, under this number or one of its own part', () => {
  test.each(rows)('F$number', ({ number, tests }) => {
    for (const { file, begins } of tests) {
      expect(existsSync(join(root, file)), file).toBe(true)
      expect(read(file).replaceAll("\\'", "'"), file).toContain(begins)
      const own = /^F(\d+): /.exec(begins)?.[1]
      if (own !== undefined) expect(Number(own)).toBe(number)
    }
  })
})

test('every test that carries the number of a fault is in the list', () => {
  const listed = new Map(rows.map(({ number, tests }) => [number, tests.map(({ file }) => file)]))
  const unlisted = filesUnder('test', '.ts').flatMap((file) =>
    [...read(file).matchAll(/['`"]F(\d+): /g)]
      .filter(([, number]) => listed.get(Number(number))?.includes(file) !== true)
      .map(([, number]) => `${file} F${number}`),
  )

  expect(unlisted).toEqual([])
})

test('the README leads to the list', () => {
  expect(read('README.md')).toContain('(docs/faults.md)')
})
