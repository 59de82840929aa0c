import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly licenses: readonly object[]
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
}
interface Bill {
  readonly bomFormat: string
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const print = () => execFileSync(process.execPath, ['bin/sbom.js'], { cwd: root, encoding: 'utf8' })
const bill: Bill = JSON.parse(print())
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

test('the bill of materials lists every runtime dependency in its locked version, with licence and hash', () => {
  const locked = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })

  const missing = wanted.filter((name) => {
    const { version } = locked[`node_modules/${name}`]
    return !bill.components.some((one) => one.name === name && one.version === version)
  })
  expect(missing).toEqual([])
  expect(bill.components.filter(({ licenses }) => licenses.length === 0)).toEqual([])
  expect(bill.components.filter(({ hashes = [] }) => !hashes.some(({ alg }) => alg === 'SHA-512'))).toEqual([])
})

test('it lists nothing that is for development alone, and every package it says is needed', () => {
  const names = bill.components.map(({ name }) => name)
  const refs = new Set(bill.components.map((one) => one['bom-ref']))

  expect(['vitest', 'typescript', 'msw', '@biomejs/biome'].filter((name) => names.includes(name))).toEqual([])
  expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([])
})

test('it is the same each time, and part of a release', () => {
  expect(print()).toBe(JSON.stringify(bill, null, 2).concat('\n'))
  expect(manifest.scripts.prepack).toContain('bin/sbom.js')
  expect(manifest.files).toContain('sbom.cdx.json')
})
