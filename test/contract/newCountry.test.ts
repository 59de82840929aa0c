import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const blocks = [...readFileSync(join(root, 'docs/new-country.md'), 'utf8').matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)]

let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'exchange-docs-'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

test('docs/new-country.md: every command in its order prints what stands there', { timeout: 200_000 }, () => {
  const folder = join(place, 'exchange-otherland')
  const { PATH = '' } = process.env
  const plain = (text: string) =>
    text.replaceAll(folder, '../exchange-otherland').replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
  let printed = ''
  for (const [, kind, text = ''] of blocks) {
    if (kind === 'text') {
      expect(plain(printed)).toBe(text)
      continue
    }
    const isClone = text.includes('exchange clone')
    const command = text.replaceAll('../exchange-otherland', folder)
    printed = execFileSync('bash', ['-ec', command], {
      cwd: isClone ? root : folder,
      encoding: 'utf8',
      env: { PATH, HOME: place },
    })
    if (isClone) {
      // As npm install does, with the same files.
      mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
      symlinkSync(root, join(folder, 'node_modules/primero-progres-exchange'))
      symlinkSync(join(root, 'bin/exchange.js'), join(folder, 'node_modules/.bin/exchange'))
    }
  }
  expect(blocks.length).toBeGreaterThan(12)
})
