import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read, root } from './tree.ts'

const document = read('docs/security.md')

test('every test that docs/security.md names is there', () => {
  const named = [...document.matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file)

  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test.each(['Data at rest', 'The inbox', 'Requests to other systems', 'Before go-live'])(
  'every promise under “%s” names a test',
  (title) => {
    const section = document.split(/^## /m).find((text) => text.startsWith(title)) ?? ''
    const promises = section
      .split(/\n\n/)
      .filter((block) => block.startsWith('- ') && block.includes('(`test/'))
      .flatMap((block) => block.split(/^- /m).filter((text) => text.trim() !== ''))

    expect(promises.length).toBeGreaterThan(3)
    expect(promises.filter((text) => !/`test\/[^`]+`/.test(text))).toEqual([])
  },
)

test.each([
  ['Threats', 4, 10],
  ['Where data goes', 7, 10],
] as const)('every row of the table under “%s” has an answer to each question', (title, cells, least) => {
  const section = document.split(/^## /m).find((text) => text.startsWith(title)) ?? ''
  const rows = [...section.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '))

  expect(rows.length).toBeGreaterThan(least)
  expect(rows.filter((row) => row.length !== cells || row.some((cell) => cell.trim() === ''))).toEqual([])
})

test('a part of docs/security.md that another part points to is there', () => {
  const headings = [...document.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  const pointed = [...document.matchAll(/\(\*([A-Z][a-z ]+)\*\)/g)].map(([, heading]) => heading)

  expect(pointed.length).toBeGreaterThan(4)
  expect(pointed.filter((heading) => !headings.includes(heading))).toEqual([])
})
