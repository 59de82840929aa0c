import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const folder = new URL('fixtures/', root)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8')
const readme = read('README.md')

describe('D94: sample files of a public repository held realistic personal data and staff contacts; every fixture is invented', () => {
  test.each(files)('%s is JSON', (file) => {
    expect(() => JSON.parse(read(file))).not.toThrow()
  })

  test.each(files)('%s has e-mail addresses of example.org only', (file) => {
    const addresses = read(file).match(/[\w.+-]+@[\w.-]+\.\w+/g) ?? []

    expect(addresses.filter((address) => !/@([\w-]+\.)*example\.org$/.test(address))).toEqual([])
  })

  test.each(files)('%s has phone numbers of the reserved row +2519000000xx only', (file) => {
    const phones = read(file).match(/\+\d{7,}/g) ?? []

    expect(phones.filter((phone) => !/^\+2519000000\d\d$/.test(phone))).toEqual([])
  })

  test.each(files.filter((file) => file.startsWith('progres')))('%s has ids of the office 990 only', (file) => {
    const ids = read(file).match(/"(?:REF-IOP-)?[A-Z0-9]{3}-(?:\d\d-(?:PRTITV-|PNR-)?)?\d{5,9}"/g) ?? []

    expect(ids.filter((id) => !/^"(REF-IOP-)?990-/.test(id))).toEqual([])
  })

  test.each(files.filter((file) => file.startsWith('progres')))('%s is explained in the README', (file) => {
    expect(readme).toContain(`\`${file.slice('progres/'.length)}\``)
  })
})

test('every file that the README of the fixtures names exists', () => {
  const named = [...readme.matchAll(/`((?:referral|decision|message)-[\w-]+\.json)`/g)].map((match) => match[1])

  expect(named.filter((name) => !files.includes(`progres/${name}`))).toEqual([])
})
