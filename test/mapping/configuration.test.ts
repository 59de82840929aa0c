import { describe, expect, test } from 'vitest'
import { today as todayIn } from '../../src/mapping/calendar.ts'
import { mapFields } from '../../src/mapping/fields.ts'
import { sentence } from '../../src/mapping/sentence.ts'
import { newCase } from '../../src/referral/newCase.ts'
import { translateReferral } from '../../src/referral/receive.ts'
import { intervention as interventionOf, now } from '../referral/referral.ts'
import { copyOfMappings, intervention, loaded, referral, today } from './gambella.ts'

/** Gambella with edits, held to every law. */
async function country(...edits: readonly [file: string, from: string, to: string][]) {
  const copy = await copyOfMappings()
  for (const [file, from, to] of edits) await copy.edit(file, from, to)
  return loaded(await copy.load())
}

const row = (text: string): [string, string, string] => [
  'v1/fields.to-primero.json',
  '"fields": [',
  `"fields": [\n${text},`,
]

describe('questions that a country answers without code', () => {
  test('custom fields that a site requires: a constant, a source, and a source with a default', async () => {
    const specification = await country(
      row('{ "to": "case.site_code", "rule": "constant", "value": "GAM", "policy": "create" }'),
      row(
        '{ "to": "case.camp", "from": ["individuals.progres_camp"], "rule": "copy", "required": true, "policy": "fill" }',
      ),
      row('{ "to": "service.funding", "from": ["progres_funding"], "rule": "name", "default": "unknown" }'),
    )

    const missing = mapFields(specification, 'to-primero', intervention, { today })
    const given = mapFields(
      specification,
      'to-primero',
      { ...intervention, 'individuals.progres_camp': 'Kule' },
      { today },
    )

    expect(missing.problems).toMatchObject([{ to: 'case.camp', problem: 'missing' }])
    expect(given.problems).toEqual([])
    expect(given.values).toMatchObject({ case: { site_code: 'GAM', camp: 'Kule' }, service: { funding: 'unknown' } })
  })

  const ownerOf = (specification: Awaited<ReturnType<typeof country>>, change: Readonly<Record<string, unknown>>) => {
    const translated = translateReferral(interventionOf(change), specification, now)
    if (!translated.ok) throw new Error(translated.code)
    return newCase(translated, specification).owned_by
  }
  const perAgency: [string, string, string] = [
    'settings.json',
    '"intake_user_by_agency": {}',
    '"intake_user_by_agency": {"Plan": "plan_intake"}',
  ]

  test('one intake user, or one for each partner; others go to the one', async () => {
    const specification = await country(perAgency)

    expect(ownerOf(specification, { 'user.progres_partner': 'Plan' })).toBe('plan_intake')
    expect(ownerOf(specification, { 'user.progres_partner': 'Other' })).toBe(specification.settings.intake_user)
    expect(ownerOf(specification, {})).toBe(specification.settings.intake_user)
  })

  test('a partner without an intake user waits for a person, where the country says so', async () => {
    const specification = await country(perAgency, [
      'settings.json',
      '"unhcr_user"',
      '"intake_other_agencies": "hold", "unhcr_user"',
    ])

    expect(ownerOf(specification, { 'user.progres_partner': 'Plan' })).toBe('plan_intake')
    expect(ownerOf(specification, {})).toBe(specification.settings.intake_user)
    expect(() => ownerOf(specification, { 'user.progres_partner': 'Other' })).toThrow(
      'The partner that asks has no intake user',
    )
  })

  test('the partner may be read from another attribute, also from a reference', async () => {
    const specification = await country(perAgency, [
      'settings.json',
      '"unhcr_user"',
      '"intake_agency_field": "businessunit.name", "unhcr_user"',
    ])

    expect(
      ownerOf(specification, { 'businessunit.name': { Id: '00000000-0000-4000-8000-000000000001', Name: 'Plan' } }),
    ).toBe('plan_intake')
  })

  test('the implementing agency both ways: the same for all, or by a table', async () => {
    const specification = await country(
      [
        'v1/fields.to-primero.json',
        '"rule": "setting", "value": "agencies.implementing_in_primero"',
        '"from": ["businessunit.name"], "rule": "table", "table": "agency"',
      ],
      [
        'v1/fields.to-dtp.json',
        '"rule": "setting", "value": "agencies.named_to_unhcr"',
        '"from": ["service.service_implementing_agency"], "rule": "table", "table": "agency"',
      ],
      ['v1/review-decision.json', '"name"', '"name"'],
    ).catch((error: unknown) => error)

    expect(String(specification)).toContain('there is no table')
    const copy = await copyOfMappings()
    await copy.write(
      'v1/agency.json',
      '{"name": "agency", "directions": ["to-primero", "to-dtp"], "owner": "o", "unmapped": {"to-primero": "refuse", "to-dtp": "hold"}, "rows": [{"progres": "Plan International", "primero": "PLAN", "relationship": "equivalent"}]}',
    )
    await copy.edit(
      'v1/fields.to-primero.json',
      '"rule": "setting", "value": "agencies.implementing_in_primero"',
      '"from": ["businessunit.name"], "rule": "table", "table": "agency"',
    )
    await copy.edit(
      'v1/fields.to-dtp.json',
      '"rule": "setting", "value": "agencies.named_to_unhcr"',
      '"from": ["service.service_implementing_agency"], "rule": "table", "table": "agency"',
    )
    const both = loaded(await copy.load())

    const inward = mapFields(
      both,
      'to-primero',
      { ...intervention, 'businessunit.name': 'Plan International' },
      { today },
    )
    const outward = mapFields(both, 'to-dtp', { ...referral, 'service.service_implementing_agency': 'PLAN' }, { today })

    expect(inward.values.service).toMatchObject({ service_implementing_agency: 'PLAN' })
    expect(outward.values.dtp).toMatchObject({ service_implementing_agency: 'Plan International' })
  })

  test('an unmapped value is refused, held, or becomes a code that the table names', async () => {
    const asked = { ...intervention, 'individuals.progres_sex': '9' }
    const outcome = async (unmapped: string) => {
      const specification = await country(['v1/sex.json', '"to-primero": "refuse"', `"to-primero": ${unmapped}`])
      const { problems, values } = mapFields(specification, 'to-primero', asked, { today })
      return [problems.map(({ problem }) => problem), values.case?.sex]
    }

    expect(await outcome('"refuse"')).toEqual([['unmapped-refuse'], undefined])
    expect(await outcome('"hold"')).toEqual([['unmapped-hold'], undefined])
    expect(await outcome('{"use": "unknown_4b34795"}')).toEqual([[], 'unknown_4b34795'])
  })

  test('the time zone decides which day it is for ages, the cut-off which day a birth was', async () => {
    const plain = await country(['settings.json', '"birth_date_cutoff": "12:00Z",', ''])
    const asked = { ...intervention, 'individuals.progres_dateofbirth': '2012-03-04T21:00:00Z' }

    expect(todayIn(new Date('2026-06-01T22:00:00Z'), 'Africa/Addis_Ababa')).toBe('2026-06-02')
    expect(todayIn(new Date('2026-06-01T22:00:00Z'), 'America/Bogota')).toBe('2026-06-01')
    expect(mapFields(await country(), 'to-primero', asked, { today }).values.case?.date_of_birth).toBe('2012-03-05')
    expect(mapFields(plain, 'to-primero', asked, { today }).values.case?.date_of_birth).toBe('2012-03-04')
  })

  test('an address is joined as text, or the most exact level with a row becomes a location code', async () => {
    const levels = {
      'individuals.progres_coalocationlevel2': 'Gambella',
      'individuals.progres_coalocationlevel4': 'Kule',
    }
    const copy = await copyOfMappings()
    await copy.write(
      'v1/location.json',
      '{"name": "location", "directions": ["to-primero"], "owner": "o", "unmapped": {"to-primero": "refuse"}, "rows": [{"progres": "Gambella", "primero": "ET12", "relationship": "equivalent"}]}',
    )
    await copy.edit(
      ...row(
        '{ "to": "case.location_current", "from": ["individuals.progres_coalocationlevel4", "individuals.progres_coalocationlevel2"], "rule": "first-in-table", "table": "location", "policy": "fill" }',
      ),
    )
    const specification = loaded(await copy.load())
    const map = (more: object) => mapFields(specification, 'to-primero', { ...intervention, ...more }, { today })

    expect(map(levels).values.case).toMatchObject({ address_current: 'Gambella Kule', location_current: 'ET12' })
    expect(map({ 'individuals.progres_coalocationlevel4': 'Kule' }).problems).toMatchObject([
      { to: 'case.location_current', problem: 'unmapped-refuse', quoted: 'Kule' },
    ])
    expect(map({}).values.case).not.toHaveProperty('location_current')
  })

  test('feedback is written in English or in French', async () => {
    const french = await country(['settings.json', '"language": "en"', '"language": "fr"'])

    expect(sentence(await country(), 'NO_REASON_GIVEN')).toBe('No reason specified.')
    expect(sentence(french, 'NO_REASON_GIVEN')).toBe('Aucun motif indiqué.')
  })

  test('without a word in the settings: new cases are made, several matches refused, closed cases re-opened', async () => {
    expect((await country(['settings.json', '"closed_case": "reopen",', ''])).settings).toMatchObject({
      closed_case: 'reopen',
      matches: { none: 'create', many: 'refuse' },
      intake_other_agencies: 'intake_user',
      intake_agency_field: 'user.progres_partner',
    })
  })
})
