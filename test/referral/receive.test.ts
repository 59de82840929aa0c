import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureSentence } from '../../src/referral/failureSentence.ts'
import { readMessage } from '../../src/referral/gateway/dtp/message.ts'
import { serviceRowId } from '../../src/referral/ids.ts'
import { groupInterventions } from '../../src/referral/intervention.ts'
import { translateReferral } from '../../src/referral/receive.ts'
import { fixture } from './fixture.ts'
import { gambella } from './gambella.ts'
import { intervention, now, progresRow, translated } from './referral.ts'

const refused = (change: Readonly<Record<string, unknown>>) => {
  const referral = translateReferral(intervention(change), gambella, now)
  if (referral.ok) throw new Error('The referral was taken.')
  return referral
}

test('an intervention becomes case fields, and a service row with an id of its own', () => {
  expect(translated({ progres_primeroid: '{0A000000-0000-4000-8000-000000000001}' })).toEqual({
    ok: true,
    interventionNumber: '990-26-PRTITV-0000900',
    individualNo: '990-00000900',
    registrationNo: '990-26-00900',
    primeroId: '0a000000-0000-4000-8000-000000000001',
    caseFields: {
      unhcr_individual_no: '990-00000900',
      unhcr_id_no: '990-26-00900',
      name_first: 'Ojulu',
      name_last: 'Omot',
      date_of_birth: '2014-06-16',
      age: 11,
      sex: 'male',
      telephone_current: '+251900000900',
      language: ['language2'],
    },
    serviceRow: {
      unique_id: serviceRowId('990-26-PRTITV-0000900'),
      progres_interventionnumber: '990-26-PRTITV-0000900',
      service_type: 'focuses_non_specialized_mhpss_care',
      service_response_type: 'service_provision',
      service_response_day_time: '2026-06-10T00:00:00.000Z',
      service_implementing_agency: 'UNICEF',
      service_referral: 'external_referral',
      service_referral_notes: 'Needs an assessment',
      service_request_external: true,
      service_request_title: 'Protection Associate',
      service_request_agency: 'UNHCR',
      service_request_email: 'officer@example.org',
      unhcr_referral_status: 'pending',
    },
  })
})

describe('every shape of a message leads to a referral or to all that is missing', () => {
  test.each([
    ['V1', 'referral-v1-fetchxml', 'FIELDS_MISSING'],
    ['V2', 'referral-v2-labels', undefined],
    ['V3', 'referral-v3-old-aliases', undefined],
    ['V4', 'referral-v4-shifted-birth-date', undefined],
    ['V5', 'referral-v5-row-explosion', undefined],
    ['V6', 'referral-v6-no-request-type', undefined],
    ['V7', 'referral-v7-production-like', undefined],
    ['V8', 'referral-v8-minimal', undefined],
    ['V9', 'referral-v9-wrapped', undefined],
  ])('%s', (_variant, file, code) => {
    const [first] = groupInterventions(readMessage(fixture(`progres/${file}`)).rows)
    if (first === undefined) throw new Error('No intervention was read.')

    const referral = translateReferral(first, gambella, now)

    expect(referral.ok ? undefined : referral.code).toBe(code)
  })
})

describe('D12: empty text and null passed as present; D35: the names of missing fields were not passed on', () => {
  const required = [
    'individuals.progres_id',
    'individuals.progres_registrationgroupid',
    'individuals.progres_givenname',
    'individuals.progres_familyname',
    'interventiontype.progres_description',
  ]

  test.each(required.flatMap((field) => [undefined, null, '', '  ', { Name: null }].map((value) => [field, value])))(
    '%s: %j is missing',
    (field, value) => {
      expect(refused({ [String(field)]: value })).toMatchObject({ code: 'FIELDS_MISSING', fields: [field] })
    },
  )

  test('all missing fields are named at once, and UNHCR reads each of their names', () => {
    const refusal = refused(Object.fromEntries(required.map((field) => [field, ''])))

    expect(refusal.fields.toSorted()).toEqual(required.toSorted())
    for (const field of required) expect(failureSentence(gambella, refusal)).toContain(field)
  })
})

describe('D13: a missing service type was reported as one that is not accepted', () => {
  test('missing is missing', () => {
    expect(refused({ 'interventiontype.progres_description': null })).toMatchObject({
      code: 'FIELDS_MISSING',
      also: [],
    })
  })

  test('not agreed is not agreed: the type is quoted to UNHCR and the agreed ones are named', () => {
    const refusal = refused({ 'interventiontype.progres_description': 'Cash Assistance' })

    expect(refusal).toMatchObject({ code: 'SERVICE_TYPE_NOT_AGREED', quoted: 'Cash Assistance' })
    expect(refusal.accepted?.toSorted()).toEqual(['Alternative Care', 'BIA', 'BID', 'Family Tracing and Reunification'])
    expect(failureSentence(gambella, refusal)).toContain(
      '"Cash Assistance" is not one of the service types agreed between the agencies. Accepted are: Alternative Care, ',
    )
  })

  test('where both are wrong, both are said, the missing fields first', () => {
    const refusal = refused({
      'interventiontype.progres_description': 'Cash Assistance',
      'individuals.progres_givenname': '',
    })

    expect(refusal).toMatchObject({ code: 'FIELDS_MISSING', also: [{ code: 'SERVICE_TYPE_NOT_AGREED' }] })
    expect(failureSentence(gambella, refusal)).toMatch(/required fields are missing.* not one of the service types/s)
  })
})

test('D22: a default hid every gap in the table; the four agreed services have rows and nothing else passes', () => {
  const typeOf = (name: string) => translated({ 'interventiontype.progres_description': name }).serviceRow.service_type

  expect(['Alternative Care', 'BID', 'BIA', 'Family Tracing and Reunification'].map(typeOf)).toEqual([
    'alternative_care',
    'focuses_non_specialized_mhpss_care',
    'focuses_non_specialized_mhpss_care',
    'food',
  ])
  expect(refused({ 'interventiontype.progres_description': 'bia' }).code).toBe('SERVICE_TYPE_NOT_AGREED')
})

describe('D14: a birth date stored as midnight in another zone was cut to the day before', () => {
  test.each([
    ['2014-06-15T21:00:00Z', '2014-06-16'],
    ['2014-06-15T12:00:00Z', '2014-06-16'],
    ['2014-06-15T11:59:59Z', '2014-06-15'],
    ['2014-06-16T00:00:00Z', '2014-06-16'],
    ['2014-06-16T00:00:00', '2014-06-16'],
    ['2014-06-16', '2014-06-16'],
  ])('%s means %s', (stamp, day) => {
    expect(translated({ 'individuals.progres_dateofbirth': stamp }).caseFields.date_of_birth).toBe(day)
  })
})

describe('D15: the age was a day early at a birthday, and positive for a birth in the future', () => {
  test('the child turns 12 on the birthday, which begins at midnight in Addis Ababa', () => {
    const child = intervention({ 'individuals.progres_dateofbirth': '2014-06-16' })
    const ageAt = (instant: string) => {
      const referral = translateReferral(child, gambella, new Date(instant))
      return referral.ok ? referral.caseFields.age : referral.code
    }

    expect(ageAt('2026-06-15T20:59:59Z')).toBe(11)
    expect(ageAt('2026-06-15T21:00:00Z')).toBe(12)
  })

  test.each(['2026-06-16', '2190-01-01T00:00:00Z', '22012-01-01', '2014-02-30', 'yesterday'])(
    'a birth date of %s cannot be right',
    (born) => {
      expect(refused({ 'individuals.progres_dateofbirth': born })).toEqual({
        ok: false,
        code: 'FIELDS_INVALID',
        fields: ['individuals.progres_dateofbirth'],
        also: [],
      })
    },
  )
})

test('D16: Swahili became Anyuak and Zande Amharic; both become Other', () => {
  const languageOf = (Name: string) => translated({ 'languages.progres_languagecodeid': { Name } }).caseFields.language

  expect([languageOf('Swahili'), languageOf('Zande'), languageOf('A language nobody listed')]).toEqual([
    ['language6'],
    ['language6'],
    ['language6'],
  ])
})

test('D18: one language per child; several are kept', () => {
  const [joined] = groupInterventions(
    ['Nuer', 'Anyuak'].map((Name) => progresRow({ 'languages.progres_languagecodeid': { Name } })),
  )
  const referral = joined === undefined ? undefined : translateReferral(joined, gambella, now)

  expect(referral).toMatchObject({ ok: true, caseFields: { language: ['language1', 'language2'] } })
})

test('D19: addresses held "null" and "[object Object]"; only what has a name is in them', () => {
  const { caseFields } = translated({
    'individuals.progres_coalocationlevel1': { Id: 'x', Name: 'Gambela' },
    'individuals.progres_coalocationlevel2': { Id: 'x', Name: null },
    'individuals.progres_coalocationlevel3': 'Zone 1',
    'individuals.progres_coalocationlevel6': { Id: 'x', Name: 'Block 4' },
  })

  expect(caseFields.address_current).toBe('Gambela Zone 1 Block 4')
})

test("D20: a partner's number stood where UNHCR was looked for; the partner is named, and nothing depends on it", () => {
  const referral = translated({ 'user.progres_partner': { Id: 'x', Name: '990-26-PNR-00001' } })

  expect(referral.requestingPartner).toBe('990-26-PNR-00001')
  expect(referral.serviceRow.service_request_agency).toBe('990-26-PNR-00001')
})

test('D21: notes carried HTML and logs with authors and times; only what was written is kept', () => {
  const { serviceRow } = translated({
    progres_interventiondescription: '<p>Needs <b>care</b> &amp; shelter</p>',
    progres_reasonforreferral:
      '[{"CreatedBy":"Some Officer","Text":"Alone in the camp","CreatedOn":"2026-06-01T07:00:00Z"}]',
  })

  expect(serviceRow.service_referral_notes).toBe('Needs care & shelter\n\nAlone in the camp')
})

describe('an individual number that Primero would search for as something else finds nobody', () => {
  test.each(['990-1,990-2', '990-1..990-9', '990 00000900', '"990"', '990\\1', '*', '2026-06-15'])('%s', (number) => {
    expect(refused({ 'individuals.progres_id': number })).toEqual({
      ok: false,
      code: 'FIELDS_INVALID',
      fields: ['individuals.progres_id'],
      also: [],
    })
  })
})

test('D37: a stand-in text came back from proGres as the id of a case; only a UUID is looked for', () => {
  for (const junk of ['Not defined', '', 'undefined', '0a00000', 7]) {
    expect(translated({ progres_primeroid: junk })).not.toHaveProperty('primeroId')
  }
})

test('rows that name different children are refused, the disagreeing fields named', () => {
  const [mixed] = groupInterventions([progresRow(), progresRow({ 'individuals.progres_givenname': 'Nyakim' })])
  const refusal = mixed === undefined ? undefined : translateReferral(mixed, gambella, now)

  expect(refusal).toEqual({ ok: false, code: 'ROWS_DISAGREE', fields: ['individuals.progres_givenname'], also: [] })
})

test('a sex that no table knows is refused, not dropped', () => {
  expect(refused({ 'individuals.progres_sex': '125080009' })).toMatchObject({
    code: 'CODE_NOT_MAPPED',
    fields: ['individuals.progres_sex'],
    quoted: '125080009',
  })
})

test('D2: each bad referral of a batch is refused for itself', () => {
  const outcomes = groupInterventions(readMessage(fixture('progres/referral-batch-with-bad-rows')).rows).map(
    (found) => {
      const referral = translateReferral(found, gambella, now)
      return [found.number.slice(-3), referral.ok ? 'taken' : referral.code]
    },
  )

  expect(outcomes.toSorted()).toEqual([
    ['301', 'taken'],
    ['302', 'FIELDS_MISSING'],
    ['303', 'SERVICE_TYPE_NOT_AGREED'],
    ['304', 'FIELDS_INVALID'],
    ['305', 'ROWS_DISAGREE'],
    ['307', 'taken'],
  ])
})

test('D31: the reason was chosen by words in an error; a code chooses the sentence, in the language of the country', () => {
  expect(failureSentence(gambella, { code: 'CASE_AMBIGUOUS' })).toBe(gambella.sentences.CASE_AMBIGUOUS)
  expect(failureSentence(gambella, { code: 'LEASE_LOST' })).toBe(gambella.sentences.UNFORESEEN)
})

const attribute = fc.constantFrom(...Object.keys(progresRow()), 'progres_primeroid', 'user.progres_partner')

test('translating never throws, and no value of a child is in a code or a list of fields', () => {
  const names = new Set(gambella.fields['to-primero'].flatMap(({ from }) => from).concat('progres_primeroid'))
  fc.assert(
    fc.property(fc.array(fc.dictionary(attribute, fc.jsonValue())), (rows) => {
      const numbered = rows.map((row) => ({ ...progresRow(), ...row, progres_interventionnumber: '990-26-PRTITV-1' }))
      for (const found of groupInterventions(numbered)) {
        const referral = translateReferral(found, gambella, now)
        if (referral.ok) continue
        for (const { code, fields } of [referral, ...referral.also]) {
          expect(code).toMatch(/^[A-Z_]+$/)
          expect(fields.filter((field) => !names.has(field))).toEqual([])
        }
      }
    }),
  )
})
