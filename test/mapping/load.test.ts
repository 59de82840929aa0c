import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { specificationHash } from '../../src/mapping/hash.ts'
import { toldCodes } from '../../src/mapping/laws/sentences.ts'
import { loadSpecification } from '../../src/mapping/load.ts'
import { copyOfMappings, gambella, loaded, repository } from './gambella.ts'

describe('loading the specification of Gambella', () => {
  it('is whole: both directions, every table, sentences in English, settings with their defaults', async () => {
    const specification = await gambella()

    expect(specification).toMatchObject({ country: 'gambella', version: 'v1' })
    expect(Object.keys(specification.tables)).toEqual([
      'decision-status',
      'language',
      'rejection-reason',
      'review-decision',
      'service-type',
      'sex',
    ])
    expect(Object.keys(specification.sentences)).toEqual(expect.arrayContaining([...toldCodes, 'NO_REASON_GIVEN']))
    expect(specification.settings).toMatchObject({ closed_case: 'reopen', overlap_seconds: 120, jobs: {} })
    expect(specification.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is frozen to its last row', async () => {
    const specification = await gambella()

    expect(Object.isFrozen(specification.tables.language?.rows[0])).toBe(true)
    expect(Object.isFrozen(specification.settings.consent.must_be_true)).toBe(true)
    expect(Object.isFrozen(specification.fields['to-dtp'][0]?.from)).toBe(true)
  })

  it('reads every sentence in French where the settings say so', async () => {
    const copy = await copyOfMappings()
    await copy.edit('settings.json', '"language": "en"', '"language": "fr"')

    const { sentences } = loaded(await copy.load())

    expect(sentences.NO_REASON_GIVEN).toBe('Aucun motif indiqué.')
  })
})

describe('problems of a specification', () => {
  it('come all at once, in order, each with file, line, column and the nearest right name', async () => {
    const copy = await copyOfMappings()
    await copy.edit('settings.json', '"time_zone"', '"timezone"')
    await copy.edit('settings.json', '"reopen"', '"re-open"')

    expect(await copy.problems()).toEqual([
      'mappings/gambella/settings.json:1:1 time_zone expected string, received undefined.',
      'mappings/gambella/settings.json:19:18 closed_case must be one of reopen, refuse, hold. Did you mean reopen?',
      'mappings/gambella/settings.json:24:3 The file does not know "timezone". Did you mean time_zone?',
    ])
  })

  it('of a table and of a field row are named with their place', async () => {
    const copy = await copyOfMappings()
    await copy.edit('v1/sex.json', '"owner"', '"ownr"')
    await copy.edit('v1/review-decision.json', '"relationship": "equivalent"', '"relationship": "equivalant"')
    await copy.edit('v1/fields.to-dtp.json', '"rule": "names"', '"rule": "name"')
    await copy.edit('v1/fields.to-primero.json', '"rule": "join", "separator": " "', '"rule": "join"')

    expect(await copy.problems()).toEqual([
      'mappings/gambella/v1/fields.to-dtp.json:28:68 fields[23] takes no "table" with this rule.',
      'mappings/gambella/v1/fields.to-dtp.json:28:89 fields[23] takes no "separator" with this rule.',
      'mappings/gambella/v1/fields.to-primero.json:15:5 fields[10].separator expected string, received undefined.',
      expect.stringMatching(
        /review-decision\.json:9:\d+ rows\[0\]\.relationship must be one of equivalent, .* Did you mean equivalent\?/,
      ),
      'mappings/gambella/v1/sex.json:1:1 owner expected string, received undefined.',
      'mappings/gambella/v1/sex.json:5:3 The file does not know "ownr". Did you mean owner?',
    ])
  })

  it.each<[title: string, file: string, from: string, to: string, problem: RegExp]>([
    [
      'a code with two rows, after trimming and Unicode normalisation',
      'v1/sex.json',
      '"progres": "125080001"',
      '"progres": " 125080000 "',
      /sex\.json:10:5 "125080000" has two rows to-primero\. The other one is row 1/,
    ],
    [
      'a direction without unmapped',
      'v1/sex.json',
      '"unmapped": {"to-primero": "refuse", "to-dtp": "hold"}',
      '"unmapped": {"to-primero": "refuse"}',
      /unmapped does not say what becomes of a code without a row to-dtp/,
    ],
    [
      'unmapped that is none of the three',
      'v1/sex.json',
      '"to-dtp": "hold"',
      '"to-dtp": "skip"',
      /unmapped\.to-dtp must be "refuse", "hold" or \{"use": "CODE"\}/,
    ],
    [
      'a row that comes back as something else',
      'v1/service-type.json',
      '"progres": "BID", "primero": "focuses_non_specialized_mhpss_care"',
      '"progres": "BID", "primero": "medical"',
      /"medical" lands nowhere on its way back/,
    ],
    [
      'a narrower row that would go both ways',
      'v1/language.json',
      '"relationship": "source-is-narrower-than-target", "directions": ["to-primero"]',
      '"relationship": "source-is-narrower-than-target"',
      /"Dinka, Northeastern" goes both ways but is not equivalent to "language3"/,
    ],
    [
      'a row that says more than was said and gives no reason',
      'v1/service-type.json',
      '"relationship": "source-is-broader-than-target", "directions": ["to-primero"], "note"',
      '"relationship": "source-is-broader-than-target", "directions": ["to-primero"], "label2"',
      /does not know "label2". Did you mean label\?/,
    ],
    [
      'a field with a table that is not there',
      'v1/fields.to-dtp.json',
      '"table": "language"',
      '"table": "languages"',
      /fields\.to-dtp\.json:28:\d+ language: there is no table "languages"\. Did you mean language\?/,
    ],
    [
      'a setting that is not there',
      'v1/fields.to-dtp.json',
      '"value": "agencies.named_to_unhcr"',
      '"value": "agencies.name_to_unhcr"',
      /settings\.json has no "agencies\.name_to_unhcr"\. Did you mean agencies\.named_to_unhcr\?/,
    ],
    [
      'a target with two rows',
      'v1/fields.to-primero.json',
      '"to": "case.name_middle"',
      '"to": "case.name_first"',
      /case\.name_first: this target has two rows/,
    ],
    [
      'a field of a case without a policy',
      'v1/fields.to-primero.json',
      '"policy": "fill", ',
      '',
      /case\.unhcr_individual_no: policy is missing/,
    ],
    [
      'a target that only the exchange sets',
      'v1/fields.to-primero.json',
      '"to": "case.name_middle"',
      '"to": "case.owned_by"',
      /case\.owned_by: the exchange sets this itself/,
    ],
    [
      'an overwriting policy',
      'v1/fields.to-primero.json',
      '"policy": "fill"',
      '"policy": "overwrite"',
      /policy must be one of create, fill/,
    ],
    [
      'a sentence that nobody can fill in',
      'v1/sentences.json',
      'Accepted are: {accepted}',
      'Accepted are: {acepted}',
      /Nothing fills \{acepted\} in/,
    ],
    [
      'a refusal of a service type that does not list the accepted ones',
      'v1/sentences.json',
      'Accepted are: {accepted}. Please choose',
      'Please choose',
      /The sentence for SERVICE_TYPE_NOT_AGREED must hold \{accepted\}/,
    ],
    [
      'a code without a sentence',
      'v1/sentences.json',
      '"CASE_DISABLED"',
      '"CASE_DISABELD"',
      /There is no code CASE_DISABELD\. Did you mean CASE_DISABLED\?/,
    ],
    ['a comment in the file', 'v1/sex.json', '{', '{ # sexes', /sex\.json:\d+:\d+ This is no JSON/],
    [
      'a doubled key',
      'v1/sex.json',
      '"name": "sex"',
      '"name": "sex", "name": "sex"',
      /sex\.json:3:\d+ Map keys must be unique/,
    ],
    [
      "a name that is not the file's",
      'v1/sex.json',
      '"name": "sex"',
      '"name": "gender"',
      /name must be "sex", as the file/,
    ],
    [
      'a time zone that does not exist',
      'settings.json',
      'Africa/Addis_Ababa',
      'Africa/Adis',
      /time_zone must be an IANA time zone/,
    ],
    [
      'a cut-off without its zone',
      'settings.json',
      '"12:00Z"',
      '"12:00"',
      /birth_date_cutoff must be a UTC time such as 12:00Z/,
    ],
    ['a page size that Primero cuts', 'settings.json', '1000', '2000', /page_size Too big/],
    [
      'a country that is another',
      'settings.json',
      '"country": "gambella"',
      '"country": "dadaab"',
      /country must be "gambella", as the folder/,
    ],
    [
      'a version that is not there',
      'settings.json',
      '"version": "v1"',
      '"version": "v2"',
      /There is no version v2 of gambella\. Did you mean v1\?/,
    ],
  ])('%s is refused', async (_, file, from, to, problem) => {
    const copy = await copyOfMappings()
    await copy.edit(file, from, to)

    expect(await copy.problems()).toContainEqual(expect.stringMatching(problem))
  })

  it('a table that no field uses, and one that decisions need and is not there, are refused', async () => {
    const copy = await copyOfMappings()
    const text = await copy.read('v1/decision-status.json')
    await copy.write('v1/priority.json', text.replace('"name": "decision-status"', '"name": "priority"'))
    await copy.edit('v1/review-decision.json', '"directions": ["to-primero"]', '"directions": ["to-dtp"]')
    await copy.edit('v1/review-decision.json', '"to-primero"', '"to-dtp"')

    expect(await copy.problems()).toEqual([
      expect.stringMatching(/priority\.json:3:\d+ No field uses the table "priority"/),
      expect.stringMatching(/review-decision\.json:4:\d+ directions must hold to-primero: decisions go that way/),
    ])
  })

  it('an unknown country is answered with the nearest one', async () => {
    const result = await loadSpecification(repository, 'gambela')

    expect(result).toEqual({
      problems: [{ file: 'mappings', message: 'There is no country "gambela".', hint: 'Did you mean gambella?' }],
    })
  })
})

describe('released versions', () => {
  it('the committed version is released, and nobody edited it since', async () => {
    const { hash } = await gambella()

    const versions = await readFile(join(repository, 'mappings/gambella/versions.json'), 'utf8')

    expect(JSON.parse(versions)).toMatchObject({ released: { v1: { hash } } })
  })

  it('an edited release is refused with the way to make a new version', async () => {
    const copy = await copyOfMappings()
    const { hash } = loaded(await copy.load())
    await copy.write('versions.json', JSON.stringify({ released: { v1: { hash, on: '2026-06-01' } } }))
    await copy.edit('v1/sex.json', '"progres": "Other"', '"progres": "OTHER"')

    expect(await copy.problems()).toEqual([
      expect.stringMatching(
        /^mappings\/gambella\/versions\.json:1:\d+ Version v1 is released and was edited since: its content is now [0-9a-f]{64}\. Undo the change in mappings\/gambella\/v1; copy it to mappings\/gambella\/v2, change that, and name v2 in settings\.json\.$/,
      ),
    ])
  })

  it('an edited release is noticed also when a later version is in force', async () => {
    const copy = await copyOfMappings()
    const { hash } = loaded(await copy.load())
    await copy.write('versions.json', JSON.stringify({ released: { v7: { hash, on: '2026-06-01' } } }))

    expect(await copy.problems()).toEqual([expect.stringMatching(/Version v7 is released, but .*v7 cannot be read/)])
  })

  it('spacing, order of keys and the name of the schema are no edit; a note and the order of rows are', () => {
    const hash = specificationHash({ 'a.json': { $schema: 'x', name: 'a', rows: [1, 2] } })

    expect(specificationHash({ 'a.json': { rows: [1, 2], name: 'a' } })).toBe(hash)
    expect(specificationHash({ 'a.json': { rows: [2, 1], name: 'a' } })).not.toBe(hash)
    expect(specificationHash({ 'a.json': { rows: [1, 2], name: 'a', note: 'n' } })).not.toBe(hash)
    expect(specificationHash({ 'b.json': { rows: [1, 2], name: 'a' } })).not.toBe(hash)
  })
})
