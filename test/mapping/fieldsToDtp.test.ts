import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapFields } from '../../src/mapping/fields.ts'
import type { Specification } from '../../src/mapping/types.ts'
import { gambella, referral, today } from './gambella.ts'

const specification = await gambella()

function map(changes: Readonly<Record<string, unknown>> = {}, spec: Specification = specification) {
  const { values, problems } = mapFields(spec, 'to-dtp', { ...referral, ...changes }, { today })
  return { message: values.dtp ?? {}, problems }
}

describe('a referral of Primero', () => {
  it('becomes exactly the agreed message, in the agreed order', () => {
    const { message, problems } = map()

    expect(problems).toEqual([])
    expect(JSON.stringify(message, null, 1)).toBe(
      JSON.stringify(
        {
          request_type: 'ReceiveIncomingReferral',
          id: '00000000-0000-4000-8000-0000000000aa#0123456789ab',
          primero_user: 'worker_one',
          full_name: 'Case Worker One',
          position: 'Case Worker',
          email: 'worker.one@example.org',
          phone: '+251900000002',
          owned_by_agency_id: 'UNICEF',
          service_implementing_agency: 'UNICEF',
          service_response_day_time: '2026-05-06T09:00:00.000Z',
          service_type: 'Alternative Care',
          service_type_other: null,
          service_referral_notes: 'Needs a place to stay',
          unhcr_individual_no: '990-00001234',
          unhcr_id_no: '990-26-00056',
          name_first: 'Abel',
          name_last: 'Example',
          name_middle: null,
          name_nickname: null,
          date_of_birth: '2012-03-04',
          sex: 'male',
          address_current: 'Zone B, block 4',
          telephone_current: '+251900000001',
          language: 'Nuer, Amharic',
        },
        null,
        1,
      ),
    )
  })

  it('reads the same from nested records', () => {
    const nested: Record<string, Record<string, unknown>> = {}
    for (const [name, value] of Object.entries(referral)) {
      const [prefix = '', key = ''] = name.split('.')
      nested[prefix] = { ...nested[prefix], [key]: value }
    }

    expect(mapFields(specification, 'to-dtp', nested, { today }).values.dtp).toEqual(map().message)
  })

  it('D70: a child without any concern was sent with one; concerns are no longer sent at all', () => {
    const { message } = map({ 'case.protection_concerns': ['physical_abuse_violence'], 'case.risk_level': 'high' })

    expect(Object.keys(message)).toEqual(Object.keys(map().message))
  })

  it('D64: agency names were hard-coded, and one was wrong for six months; they are settings', () => {
    const settings = { ...specification.settings, agencies: { referring_to_unhcr: 'TDH', named_to_unhcr: 'Office' } }

    expect(map({}, { ...specification, settings }).message).toMatchObject({
      owned_by_agency_id: 'TDH',
      service_implementing_agency: 'Office',
    })
  })

  it.each(['medical', 'family_tracing_and_reunification', 'education_formal', 'other_please_specify', 'unheard_of'])(
    'D62, D63: unmapped services went out without a type and others under wrong names; %s is held',
    (code) => {
      const { message, problems } = map({ 'service.service_type': code })

      expect(problems).toEqual([
        {
          to: 'service_type',
          from: ['service.service_type'],
          problem: 'unmapped-hold',
          table: 'service-type',
          quoted: code,
        },
      ])
      expect(message).not.toHaveProperty('service_type')
    },
  )

  it('empty notes are the agreed sentence', () => {
    expect(map({ 'service.service_referral_notes': ' ' }).message.service_referral_notes).toBe('Primero referral')
    expect(map({ 'service.service_referral_notes': '<p></p>' }).message.service_referral_notes).toBe('Primero referral')
  })

  it('formatted notes go out as plain text', () => {
    expect(map({ 'service.service_referral_notes': '<b>Alone</b><script>x</script>' }).message).toMatchObject({
      service_referral_notes: 'Alone',
    })
  })

  it('the date of the referral stands in for one that the case worker left out', () => {
    expect(map({ 'service.service_response_day_time': null }).message).toMatchObject({
      service_response_day_time: '2026-05-06T10:00:00.000Z',
    })
  })
})

describe('minimum data', () => {
  it.each([
    ['date_of_birth', 'case.date_of_birth'],
    ['sex', 'case.sex'],
    ['service_type', 'service.service_type'],
    ['id', 'referral.id'],
  ])('D74: nothing checked the minimum data; without %s the referral is held', (to, from) => {
    expect(map({ [from]: null }).problems).toEqual([{ to, from: [from], problem: 'missing' }])
  })

  it('D74: one of two names is enough, none is not', () => {
    expect(map({ 'case.name_first': '' }).problems).toEqual([])
    expect(map({ 'case.name_last': null }).problems).toEqual([])
    expect(map({ 'case.name_first': '', 'case.name_last': null }).problems.map(({ to }) => to)).toEqual([
      'name_first',
      'name_last',
    ])
  })

  it('a UNHCR number is wanted where the country says so', () => {
    const settings = { ...specification.settings, require_unhcr_number: true }

    expect(map({ 'case.unhcr_individual_no': null }).problems).toEqual([])
    expect(map({ 'case.unhcr_individual_no': null }, { ...specification, settings }).problems).toEqual([
      { to: 'unhcr_individual_no', from: ['case.unhcr_individual_no'], problem: 'missing' },
    ])
  })
})

describe('what the pilot got wrong about a child', () => {
  it('D67: an unknown language made all of them null, or left a dangling comma', () => {
    expect(map({ 'case.language': ['unheard_of', 'language2'] }).message.language).toBe('Other, Nuer')
    expect(map({ 'case.language': ['language2', 'unheard_of', 'language6'] }).message.language).toBe('Nuer, Other')
    expect(map({ 'case.language': [] }).message.language).toBe('Other')
    expect(map({ 'case.language': ['language5', '_amharic'] }).message.language).toBe('Amharic')
    expect(map({ 'case.language': 'language8' }).message.language).toBe('Somali')
  })

  it('D68: a phone number lost its plus sign and zeros; text stays as it is, a number is its digits', () => {
    expect(map({ 'case.telephone_current': '+251 0900 000 000' }).message.telephone_current).toBe('+251 0900 000 000')
    expect(map({ 'case.telephone_current': '0900000000' }).message.telephone_current).toBe('0900000000')
    expect(map({ 'case.telephone_current': 251900000000 }).message.telephone_current).toBe('251900000000')
    expect(map({ 'case.telephone_current': '' }).message.telephone_current).toBeNull()
  })

  it.each([
    ['2012-03-04', '2012-03-04'],
    ['2012/03/04', '2012-03-04'],
    ['04-Mar-2012', '2012-03-04'],
    ['2012-03-04T00:00:00.000Z', '2012-03-04'],
  ])('D69: other dates were read in the time zone of the server, a day early; %s is %s', (written, day) => {
    expect(map({ 'case.date_of_birth': written }).message.date_of_birth).toBe(day)
  })

  it.each(['04/03/2012', '2012-02-30', '2026-06-02', 'unknown'])('a birth date of %s is held', (written) => {
    expect(map({ 'case.date_of_birth': written }).problems).toEqual([
      { to: 'date_of_birth', from: ['case.date_of_birth'], problem: 'invalid' },
    ])
  })

  it.each([
    ['unknown_4b34795', 'unknown'],
    ['other_b25f252', 'other'],
    ['female', 'female'],
  ])('sex %s is %s', (code, word) => {
    expect(map({ 'case.sex': code }).message.sex).toBe(word)
  })

  it('an unknown sex is held, not sent raw', () => {
    expect(map({ 'case.sex': 'Female' }).problems).toEqual([
      { to: 'sex', from: ['case.sex'], problem: 'unmapped-hold', table: 'sex', quoted: 'Female' },
    ])
  })
})

it('whatever a case holds, mapping ends with values or problems, never with an error', () => {
  const keys = specification.fields['to-dtp'].flatMap((row) => row.from)
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.anything({ withBigInt: true })), (source) => {
      const { values } = mapFields(specification, 'to-dtp', source, { today })

      expect(JSON.stringify(values)).not.toContain('[object')
    }),
    { numRuns: 300 },
  )
})
