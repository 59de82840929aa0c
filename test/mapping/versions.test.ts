import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fingerprint } from '../../src/mapping/fingerprint.ts'
import { specificationAt } from '../../src/mapping/inForce.ts'
import { versionHash } from '../../src/mapping/release.ts'
import { writeRelease } from '../../src/mapping/releaseVersion.ts'
import { copyOfMappings, loaded } from './gambella.ts'

const folder = 'mappings/gambella'
const signedOff = { by: 'Inter-agency working group', on: '2026-11-30', agreement: 'DSA 2026/1' }

/** Gambella with v1 released and a v2 that is a draft, or released too. */
async function withSecond(isReleased: boolean) {
  const copy = await copyOfMappings()
  const path = (version: string) => join(copy.root, folder, version)
  await cp(path('v1'), path('v2'), { recursive: true })
  await copy.edit('v2/sex.json', '"progres": "Other"', '"progres": "OTHER"')
  for (const version of isReleased ? ['v1', 'v2'] : ['v1']) {
    const releases = JSON.parse(await copy.read('versions.json'))
    const hash = String(await versionHash(copy.root, `${folder}/${version}`))
    await writeRelease(copy.root, folder, releases, { version, hash, on: '2026-11-30', signedOff })
  }
  return copy
}

const announce = (copy: { edit(file: string, from: string, to: string): Promise<void> }, from = '2027-01-01') =>
  copy.edit(
    'settings.json',
    '"version": "v1",',
    `"version": "v1", "next_version": {"version": "v2", "from": "${from}"},`,
  )

test('a version to come takes over at midnight of its day in the country, without a restart', async () => {
  const copy = await withSecond(true)
  await announce(copy)

  const specification = loaded(await copy.load())

  const at = (instant: string) => specificationAt(specification, new Date(instant)).version
  // Addis Ababa is three hours ahead of UTC.
  expect(at('2026-12-31T20:59:59Z')).toBe('v1')
  expect(at('2026-12-31T21:00:00Z')).toBe('v2')
  expect(specificationAt(specification, new Date('2027-05-01T00:00:00Z')).settings.country).toBe('gambella')
})

test('a draft does not come into force by itself, and what is announced must be another version that is there', async () => {
  const draft = await withSecond(false)
  await announce(draft)
  const same = await withSecond(true)
  await same.edit(
    'settings.json',
    '"version": "v1",',
    '"version": "v1", "next_version": {"version": "v1", "from": "2027-01-01"},',
  )
  const none = await withSecond(true)
  await none.edit(
    'settings.json',
    '"version": "v1",',
    '"version": "v1", "next_version": {"version": "v3", "from": "2027-01-01"},',
  )

  expect(await draft.problems()).toEqual([
    'mappings/gambella/settings.json:4:48 Version v2 is a draft: only a released version comes into force by itself. Release it first: exchange mappings release v2',
  ])
  expect(await same.problems()).toEqual([
    expect.stringContaining('Version v1 is in force already. Remove next_version.'),
  ])
  expect(await none.problems()).toEqual([expect.stringContaining('There is no version v3.')])
})

test('what is wrong in the version to come is found before it comes', async () => {
  const copy = await withSecond(false)
  await copy.edit('v2/sex.json', '"owner"', '"ownr"')
  const releases = JSON.parse(await copy.read('versions.json'))
  const hash = String(await versionHash(copy.root, `${folder}/v2`))
  await writeRelease(copy.root, folder, releases, { version: 'v2', hash, on: '2026-11-30', signedOff })
  await announce(copy)

  expect(await copy.problems()).toContainEqual(expect.stringMatching(/^mappings\/gambella\/v2\/sex\.json:5:3/))
})

test('a release holds the hash of its files and who signed it off, when and by which agreement; older ones stay', async () => {
  const copy = await withSecond(true)

  const { released } = JSON.parse(await copy.read('versions.json'))

  expect(Object.keys(released)).toEqual(['v1', 'v2'])
  expect(released.v2).toEqual({
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    on: '2026-11-30',
    signed_off: signedOff,
  })
  expect(loaded(await copy.load())).not.toHaveProperty('draft')
  expect(loaded(await copy.load('v2'))).not.toHaveProperty('draft')
})

test('a version that nobody released is a draft', async () => {
  const copy = await copyOfMappings()

  expect(loaded(await copy.load())).toMatchObject({ version: 'v1', draft: true })
})

test('a change of any file in force is seen, also one of spacing; another version may come and go', async () => {
  const copy = await withSecond(true)
  const specification = loaded(await copy.load())
  const before = await fingerprint(copy.root, specification)

  await copy.edit('v2/sex.json', 'OTHER', 'Others')
  const afterAnother = await fingerprint(copy.root, specification)
  await copy.edit('v1/sex.json', '"name"', ' "name"')
  const afterOwn = await fingerprint(copy.root, specification)

  expect(afterAnother).toBe(before)
  expect(afterOwn).not.toBe(before)
})

test('the committed release of Gambella is as it was agreed', async () => {
  const { root } = await copyOfMappings()

  const text = await readFile(new URL('../../mappings/gambella/versions.json', import.meta.url), 'utf8')

  expect(await versionHash(root, `${folder}/v1`)).toBe(
    '52c44e0fc01ea2a8bf87ecd73ecaeca5dc24b8ab223ef3b3b3266980b8f65355',
  )
  expect(text).toContain('52c44e0fc01ea2a8bf87ecd73ecaeca5dc24b8ab223ef3b3b3266980b8f65355')
})
