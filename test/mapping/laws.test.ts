import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { parseJson } from '../../src/mapping/json.ts'
import { corpusLaws } from '../../src/mapping/laws/corpus.ts'
import { loadSpecification } from '../../src/mapping/load.ts'
import { versionHash } from '../../src/mapping/release.ts'
import { copyOfMappings, gambella, repository } from './gambella.ts'

describe('each law refuses a table that breaks it, with file, line and column', () => {
  it.each<[law: string, file: string, from: string, to: string, problem: string]>([
    [
      'a swapped row shows by the label of its option',
      'v1/service-type.json',
      '"progres": "Alternative Care", "primero": "alternative_care", "label": "Alternative Care", "relationship": "equivalent"',
      '"progres": "Alternative Care", "primero": "food", "label": "Food", "relationship": "equivalent", "directions": ["to-primero"]',
      'mappings/gambella/v1/service-type.json:13:5 "food" is called "Food" in another row. One option has one label: one row is wrong.',
    ],
    [
      'what is narrower lands on its way back',
      'v1/service-type.json',
      '"progres": "BIA", "primero": "focuses_non_specialized_mhpss_care"',
      '"progres": "BIA", "primero": "medical"',
      'mappings/gambella/v1/service-type.json:11:5 "medical" lands nowhere on its way back. Add a row to-dtp for it.',
    ],
    [
      'what is broader gives its reason',
      'v1/language.json',
      '"relationship": "source-is-broader-than-target", "directions": ["to-dtp"], "note": "Primero\'s list holds Amharic twice; what comes in goes to language5." }',
      '"relationship": "source-is-narrower-than-target", "directions": ["to-dtp"] }',
      'This row says more than was said and gives no reason.',
    ],
    [
      'no code twice after trimming and NFC',
      'v1/sex.json',
      '"progres": "Male"',
      '"progres": "Female "',
      'mappings/gambella/v1/sex.json:14:5 "Female" has two rows to-primero. The other one is row 5: keep one of them.',
    ],
    [
      'every table that a field names exists',
      'v1/fields.to-primero.json',
      '"table": "sex"',
      '"table": "gender"',
      'mappings/gambella/v1/fields.to-primero.json:13:88 case.sex: there is no table "gender".',
    ],
    ['every table is used', 'v1/fields.to-primero.json', '"rule": "tables", "table": "language"', '"rule": "copy"', ''],
    [
      'a code that has no counterpart has no row',
      'v1/sex.json',
      '"rows": [',
      '"noMap": [{ "code": " male", "direction": "to-dtp", "note": "n" }],\n  "rows": [',
      'mappings/gambella/v1/sex.json:8:13 "male" has a row to-dtp and is said to have no counterpart. Keep one of the two.',
    ],
    [
      'a code has no counterpart only where others are refused or held',
      'v1/language.json',
      '"rows": [',
      '"noMap": [{ "code": "Klingon", "direction": "to-primero", "note": "n" }],\n  "rows": [',
      'Every code without a row has one to-primero: unmapped uses a code. Give this code a row of its own.',
    ],
  ])('%s', async (_, file, from, to, problem) => {
    const copy = await copyOfMappings()
    await copy.edit(file, from, to)
    if (file.startsWith('v1/fields') && to.includes('copy')) {
      await copy.edit(
        'v1/fields.to-dtp.json',
        '"rule": "names", "table": "language", "separator": ", "',
        '"rule": "copy"',
      )
    }

    const problems = await copy.problems()

    expect(problems).toContainEqual(
      expect.stringContaining(problem || 'language.json:3:11 No field uses the table "language".'),
    )
  })

  it('a code of a release keeps its meaning, unless the row says why not', async () => {
    const copy = await copyOfMappings()
    const path = (version: string) => join(copy.root, 'mappings/gambella', version)
    const hash = await versionHash(copy.root, 'mappings/gambella/v1')
    await copy.write('versions.json', JSON.stringify({ released: { v1: { hash, on: '2026-06-01' } } }))
    await cp(path('v1'), path('v2'), { recursive: true })
    await copy.edit('settings.json', '"version": "v1"', '"version": "v2"')
    await copy.edit('v2/rejection-reason.json', '"primero": "Not applicable"', '"primero": "Not eligible"')
    const before = await copy.problems()
    await copy.edit(
      'v2/rejection-reason.json',
      '"primero": "Not eligible",',
      '"primero": "Not eligible", "note": "Minutes of May.",',
    )

    expect(before).toEqual([
      'mappings/gambella/v2/rejection-reason.json:11:5 "125080002" to-primero was "Not applicable" in v1 and is "Not eligible" here, and no new note says why. Put the old one back, or give the row a note with the reason.',
    ])
    expect(await copy.problems()).toEqual([])
  })
})

test('what is called equivalent comes back as itself, or the row that brings it back is wrong', async () => {
  const copy = await copyOfMappings()
  await copy.edit(
    'v1/service-type.json',
    '"progres": "Family Reunification Service", "primero": "food", "label": "Family Reunification Service", "relationship": "equivalent"',
    '"progres": "Family Reunification Service", "primero": "food", "label": "Family Reunification Service", "relationship": "source-is-broader-than-target"',
  )
  await copy.edit(
    'v1/service-type.json',
    '"label": "Family Reunification Service", "relationship": "source-is-broader-than-target", "directions": ["to-primero"]',
    '"label": "Family Reunification Service", "relationship": "equivalent", "directions": ["to-primero"]',
  )

  expect(await copy.problems()).toEqual([
    'mappings/gambella/v1/service-type.json:13:5 This row is called equivalent, but "food" comes back as something else. Row "Family Reunification Service" is source-is-broader-than-target: one of the two is wrong.',
    expect.stringContaining('service-type.json:14:5 "Family Reunification Service" lands nowhere on its way back.'),
  ])
})

describe('every code that samples hold is mapped, or somebody decided that it is not', () => {
  const json = (file: string, text: string) => {
    const parsed = parseJson(file, text)
    if ('problems' in parsed) throw new Error(text)
    return parsed
  }
  const message = json(
    'm.json',
    '{"interventions": [\n  {"interventiontype.progres_description": "Cash",\n   "individuals.progres_sex": 125080001}]}',
  )
  const cases = json('cases.json', '[{"sex": "male", "services_section": [\n {"service_type": "wash"}]}]')

  it('one that is neither is named with its place in the sample', async () => {
    const problems = corpusLaws(await gambella(), { messages: [message], cases: [cases] })

    expect(problems.map(({ file, line, column, message: said }) => `${file}:${line}:${column} ${said}`)).toEqual([
      'm.json:2:44 "Cash" has no row in service-type to-primero, and nobody decided that it has no counterpart.',
      'cases.json:2:19 "wash" has no row in service-type to-dtp, and nobody decided that it has no counterpart.',
    ])
  })

  it('noMap of the table and no-map.json of the samples are such decisions', async () => {
    const specification = await gambella()
    const table = specification.tables['service-type']
    if (table === undefined) throw new Error()
    const noMap = [{ code: 'Cash', direction: 'to-primero', note: 'n' } as const]
    const decided = { ...specification, tables: { ...specification.tables, 'service-type': { ...table, noMap } } }
    const file = json('no-map.json', '{"codes": {"service-type": ["wash"]}}')

    expect(corpusLaws(decided, { messages: [message], cases: [cases], noMap: file })).toEqual([])
  })

  it('a decision about a code that no sample holds is refused', async () => {
    const file = json('no-map.json', '{"codes": {"sex": ["male"]}}')

    expect(corpusLaws(await gambella(), { messages: [], cases: [], noMap: file })).toMatchObject([
      {
        file: 'no-map.json',
        line: 1,
        message: '"male" of sex needs no word here: no sample holds it, or it has a row.',
      },
    ])
  })
})

test('all laws of a country are held in under 100 ms', async () => {
  await loadSpecification(repository, 'gambella')
  const times: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const from = process.cpuUsage()
    await loadSpecification(repository, 'gambella')
    const { user, system } = process.cpuUsage(from)
    times.push((user + system) / 1000)
  }

  expect(Math.min(...times)).toBeLessThan(100)
})
