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

test.each(['Data at rest', 'The inbox', 'Requests to other systems'])(
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
