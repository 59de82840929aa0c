import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read, root } from './tree.ts'

interface Row {
  readonly number: number
  readonly story: string
  readonly instead: string
  readonly proof: string
}

const rows: Row[] = read('docs/defects.md')
  .split('\n')
  .filter((line) => /^\| D\d+ \|/.test(line))
  .map((line) => {
    const [, number = '', story = '', instead = '', proof = ''] = line.split('|').map((cell) => cell.trim())
    return { number: Number(number.slice(1)), story, instead, proof }
  })

const namedFiles = (row: Row) => [...row.proof.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? '')

test('all 97 known defects are listed once, in order, with a story and what happens here', () => {
  expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 97 }, (_, index) => index + 1))
  expect(rows.filter((row) => row.story.length < 15 || row.instead.length < 10)).toEqual([])
})

describe('every test that the list names exists and tells the story under its number', () => {
  test.each(rows.filter((row) => namedFiles(row).length > 0))('D$number', (row) => {
    for (const file of namedFiles(row)) {
      expect(existsSync(join(root, file)), file).toBe(true)
      expect(read(file), file).toContain(`D${row.number}:`)
    }
  })
})

test('a defect without a test says why', () => {
  const silent = rows.filter((row) => namedFiles(row).length === 0 && !/^none: .{10,}/.test(row.proof))

  expect(silent).toEqual([])
})
