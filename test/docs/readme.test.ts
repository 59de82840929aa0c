import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codes } from '../../src/errors/codes.ts'
import { filesUnder, read, root } from './tree.ts'

const readme = read('README.md')
const run = promisify(execFile)

/** Lines that are tested elsewhere, and where. */
const elsewhere: Readonly<Record<string, string>> = {
  'npm install && npm run demo': 'test/demo runs the demo; installing anew would remove the packages this test runs on',
  'npm install && npm test': 'this is npm test',
}

const lines = [...readme.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)]
  .flatMap((block) => (block[1] ?? '').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('every command of the README runs in a checkout as it stands there', () => {
  test.each(lines.filter((line) => elsewhere[line] === undefined))('%s', { timeout: 60_000 }, async (line) => {
    const env = { PATH: process.env.PATH, HOME: folder, DATA_DIR: folder, npm_config_offline: 'true' }

    const { stdout } = await run('bash', ['-ec', line], { cwd: root, env })

    expect(stdout).not.toBe('')
  })

  test('what is left out here is in the README and has a reason', () => {
    expect(Object.keys(elsewhere).filter((line) => !lines.includes(line))).toEqual([])
  })
})

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
