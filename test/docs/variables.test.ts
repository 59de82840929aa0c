import { expect, test } from 'vitest'
import { readEnvironment } from '../../src/project/environment.ts'
import { variableNames } from '../../src/project/purposes.ts'
import { read } from './tree.ts'

const table =
  read('README.md').match(/\| variable \| meaning \| default \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/)?.[1] ?? ''
const rows = table
  .trim()
  .split('\n')
  .map((line) => line.split(' | '))
  .map(([names = '', , fallback = '']) => ({ names: quoted(names), defaults: quoted(fallback), fallback }))

const required = {
  PRIMERO_URL: 'https://primero.example.org',
  PRIMERO_USERNAME: 'exchange',
  PRIMERO_PASSWORD: 'an-invented-password',
  DTP_URL: 'http://127.0.0.1/primero',
  DTP_SUBSCRIPTION_KEY: 'an-invented-key',
  INBOX_TOKENS: 'an-invented-inbox-token',
  ADMIN_PASSWORD: 'an-invented-admin-password',
  DATA_KEYS: `one:${Buffer.alloc(32, 1).toString('base64')}`,
}

test('the README lists every variable there is, and no other', () => {
  expect(rows.flatMap(({ names }) => names).sort()).toEqual([...variableNames].sort())
})

test('.env.example lists every variable there is, as itself or as a file', () => {
  const listed = [...read('.env.example').matchAll(/^#?([A-Z_]+?)(?:_FILE)?=/gm)].map(([, name]) => name)

  expect(listed.sort()).toEqual([...variableNames].sort())
})

test('what .env.example shows of a variable with a default is that default', () => {
  const shown = [...read('.env.example').matchAll(/^#([A-Z_]+)=(.+)$/gm)].filter(
    ([, name]) => !examples.has(String(name)),
  )

  expect(shown.length).toBeGreaterThan(5)
  for (const [, name = '', value] of shown) expect(start({ [name]: value }), name).toEqual(start({}))
})

/** Shown for their form: they have no default. */
const examples = new Set([
  'INBOX_ALLOWED_ADDRESSES',
  'BEHIND_PROXY',
  'TRUSTED_PROXIES',
  'DATABASE_URL',
  'RETAIN_FOR',
  'COUNTRY',
])

test('the defaults in the README are those that the code uses', () => {
  const named = rows.filter(
    ({ names, defaults, fallback }) => defaults.length > 0 && !/^required/.test(fallback) && !names.includes('COUNTRY'),
  )

  expect(named.map(({ names }) => names[0])).toEqual(
    expect.arrayContaining(['RETRY_WAITS', 'PRIMERO_CONCURRENCY', 'HOST']),
  )
  for (const { names, defaults } of named)
    for (const [index, name] of names.entries()) expect(start({ [name]: defaults[index] }), name).toEqual(start({}))
})

test('with everything that the README calls required, and nothing more, start would begin; without one of it it would not', () => {
  const asked = rows.filter(({ fallback }) => /^required/.test(fallback)).flatMap(({ names }) => names)

  expect(asked.sort()).toEqual(Object.keys(required).sort())
  expect(start({})).toHaveProperty('environment')
  for (const name of asked) expect(start({ [name]: undefined }), name).toHaveProperty('problems')
})

function start(changes: NodeJS.ProcessEnv) {
  return readEnvironment({ ...required, ...changes }, { for: 'start' })
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
}
