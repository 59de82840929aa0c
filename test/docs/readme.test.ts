import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codes } from '../../src/errors/codes.ts'
import { filesUnder, read, root } from './tree.ts'

const readme = read('README.md')

test("the README's table of codes is the one the code has", () => {
  const table = readme.match(/\| code \| means \| who acts \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/)?.[1] ?? ''
  const expected = Object.entries(codes).map(([code, { means, who }]) => `| \`${code}\` | ${means} | ${who} |`)

  expect(table.trim().split('\n')).toEqual(expected)
})

test('every runtime dependency has its reason in the README, and no other is named', () => {
  const packages: { dependencies: object; optionalDependencies?: object } = JSON.parse(read('package.json'))
  const table = readme.match(/\| package \| why \|\n\|---\|---\|\n((?:\|.*\n)+)/)?.[1] ?? ''
  const named = [...table.matchAll(/^\| `([^`]+)` \| .{10,} \|$/gm)].map((match) => match[1])

  expect(named).toEqual(Object.keys({ ...packages.dependencies, ...packages.optionalDependencies }))
})

test('every development dependency is named in the README', () => {
  const { devDependencies }: { devDependencies: object } = JSON.parse(read('package.json'))
  const paragraph = readme.match(/^Development only: [\s\S]*?\n\n/m)?.[0] ?? ''
  const names = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'))

  expect(names.filter((name) => !paragraph.includes(name.replace(/^.*\//, '')))).toEqual([])
})

describe('what is promised', () => {
  const section = readme.match(/^### What is promised\n[\s\S]*?(?=^###? )/m)?.[0] ?? ''
  const promises = section.split(/^- /m).slice(1)

  test('every promise names tests, and they exist', () => {
    const tests = promises.map((promise) =>
      [...promise.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, file]) => file),
    )

    expect(promises.length).toBeGreaterThan(10)
    expect(promises.filter((_, index) => tests[index]?.length === 0)).toEqual([])
    expect(tests.flat().filter((file) => !existsSync(join(root, String(file))))).toEqual([])
  })
})

test('every heading that the README links to is there', () => {
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(
    ([, text = '']) => `#${text.toLowerCase().replaceAll(' ', '-')}`,
  )
  const links = [...readme.matchAll(/\]\((#[^)]+)\)/g)].map(([, link = '']) => link)

  expect(links.filter((link) => !headings.includes(link))).toEqual([])
})

test('every file and folder that the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '')
  const files = new Set(['LICENSE', 'SECURITY.md', ...filesUnder('docs', '.md')])

  expect(links.filter((link) => !files.has(link))).toEqual([])
})
