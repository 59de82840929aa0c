import { expect, test } from 'vitest'
import { filesUnder, read } from './tree.ts'

const digest = read('docs/systems.md')
const sections = new Set([...digest.matchAll(/^### (\w+\/[\w-]+)$/gm)].map((match) => match[1]))
const sources = ['src', 'jobs', 'test', 'bench'].flatMap((folder) => filesUnder(folder, '.ts'))

test('every section that the code cites as its source is there', () => {
  const cited = sources.flatMap((file) =>
    [...read(file).matchAll(/§((?:Primero|DTP|OpenFn)\/[\w-]+)/g)].map((match) => ({ file, section: match[1] ?? '' })),
  )

  expect(cited.filter(({ section }) => !sections.has(section))).toEqual([])
})

test('every section of the digest names a public source', () => {
  const bodies = digest.split(/^### /m).slice(1)
  const unsourced = bodies.filter((body) => !/\((?:P|G|K|A|L)\s/.test(body)).map((body) => body.split('\n', 1)[0])

  expect(unsourced).toEqual([])
})
