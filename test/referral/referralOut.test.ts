import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openReferrals, referralOut } from '../../src/referral/referralOut.ts'
import { gambella, gambellaWith } from './gambella.ts'

const unhcr = gambella.settings.unhcr_user
const today = '2026-06-15'
const service = {
  unique_id: '50000000-0000-4000-8000-5e0000000900',
  service_type: 'alternative_care',
  service_response_day_time: '2026-06-10T09:00:00.000Z',
  service_referral_notes: 'Needs placement',
}
const child = {
  id: '0a000000-0000-4000-8000-000000000900',
  case_id: 'c0000000-0000-4000-8000-000000000900',
  owned_by: 'cw1',
  name: 'Ojulu B. Omot',
  name_first: 'Ojulu',
  name_middle: 'B.',
  name_last: 'Omot',
  date_of_birth: '2014-06-16',
  age: 11,
  sex: 'male',
  address_current: 'Zone B, block 4',
  telephone_current: '+251009000900',
  language: ['language2', 'language5'],
  unhcr_individual_no: '990-00000900',
  unhcr_id_no: '990-26-00900',
  consent_for_services: true,
  disclosure_other_orgs: 'true',
  protection_concerns: [],
  services_section: [{ unique_id: '50000000-0000-4000-8000-000000000001', service_type: 'food' }, service],
}
const referral = {
  id: '8e000000-0000-4000-8000-000000000001',
  status: 'in_progress',
  transitioned_to: unhcr,
  service_record_id: service.unique_id,
  created_at: '2026-06-11T10:00:00.000Z',
}
const contact = {
  full_name: 'Case Worker One',
  position: 'Case Worker',
  email: 'cw1@example.org',
  phone: '+251900000001',
}

const send = (change: { child?: object; service?: object; referral?: object } = {}, spec = gambella) => {
  const services_section = [child.services_section[0], { ...service, ...change.service }]
  const caseRow = { ...child, services_section, ...change.child }
  return referralOut({ caseRow, referral: { ...referral, ...change.referral }, contact }, spec, today)
}
const body = (...change: Parameters<typeof send>) => {
  const result = send(...change)
  if ('held' in result) throw new Error(`${result.held} ${result.fields?.join(', ')}`)
  return result.body
}

test('a referral has the agreed keys in the agreed order, and no other', () => {
  expect(JSON.stringify(body(), null, 1)).toBe(
    JSON.stringify(
      {
        request_type: 'ReceiveIncomingReferral',
        id: 'c0000000-0000-4000-8000-000000000900#5e0000000900',
        primero_user: 'cw1',
        full_name: 'Case Worker One',
        position: 'Case Worker',
        email: 'cw1@example.org',
        phone: '+251900000001',
        owned_by_agency_id: 'UNICEF',
        service_implementing_agency: 'UNICEF',
        service_response_day_time: '2026-06-10T09:00:00.000Z',
        service_type: 'Alternative Care',
        service_type_other: null,
        service_referral_notes: 'Needs placement',
        unhcr_individual_no: '990-00000900',
        unhcr_id_no: '990-26-00900',
        name_first: 'Ojulu',
        name_last: 'Omot',
        name_middle: 'B.',
        name_nickname: null,
        date_of_birth: '2014-06-16',
        sex: 'male',
        address_current: 'Zone B, block 4',
        telephone_current: '+251009000900',
        language: 'Nuer, Amharic',
      },
      null,
      1,
    ),
  )
})

test('empty notes become the agreed sentence', () => {
  expect(body({ service: { service_referral_notes: '' } }).service_referral_notes).toBe('Primero referral')
})

describe("D53: the agency's name decided whom a referral was for; D54: revoked, decided and finished ones were sent", () => {
  const made = (more: object) => ({ ...referral, ...more })

  test('only open ones addressed to the UNHCR user are', () => {
    const others = [
      ...['revoked', 'rejected', 'accepted', 'done', undefined].map((status) => made({ status })),
      made({ transitioned_to: 'cw2' }),
      made({ transitioned_to: undefined, remote: true, transitioned_to_agency: 'UNHCR' }),
    ]

    expect(openReferrals([...others, referral], unhcr)).toEqual([referral])
  })

  test.each([{ status: 'revoked' }, { status: 'accepted' }, { transitioned_to: 'cw2' }])('%j is held', (change) => {
    expect(send({ referral: change })).toEqual({ held: 'REFERRAL_NOT_OPEN' })
  })
})

describe('D55: consent was never looked at', () => {
  test.each<[string, object]>([
    ['CONSENT_MISSING', { consent_for_services: false }],
    ['CONSENT_MISSING', { disclosure_other_orgs: null }],
    ['EXPORT_OPTED_OUT', { unhcr_export_opt_in: 'false' }],
  ])('%s: %j', (code, change) => {
    expect(send({ child: change })).toEqual({ held: code })
  })
})

describe('D52: a referral made without a service row was skipped in silence', () => {
  test.each(['', null, undefined, '50000000-0000-4000-8000-00000000dead'])('service_record_id %j is reported', (id) => {
    expect(send({ referral: { service_record_id: id } })).toEqual({ held: 'SERVICE_ROW_MISSING' })
  })

  test.each([undefined, null, [], 'text'])('and so is a case whose services are %j', (services_section) => {
    expect(send({ child: { services_section } })).toEqual({ held: 'SERVICE_ROW_MISSING' })
  })
})

test('D56: two referrals of one service collapsed; each is a message of its own, with the id they share', () => {
  const again = send({ referral: { id: '8e000000-0000-4000-8000-000000000002' } })

  expect(again).toEqual(send())
})

test('D61: the id names case and service; it does not change when the service is referred again', () => {
  expect(body({ service: { unique_id: service.unique_id.toUpperCase() } }).id).toBe(
    'c0000000-0000-4000-8000-000000000900#5e0000000900',
  )
})

describe('D62: an unmapped service type dropped the key; D63: 23 types were open though four are agreed', () => {
  test.each([
    ['alternative_care', 'Alternative Care'],
    ['focuses_non_specialized_mhpss_care', 'Child Protection Service'],
    ['food', 'Family Reunification Service'],
  ])('%s goes out as %s', (service_type, name) => {
    expect(body({ service: { service_type } }).service_type).toBe(name)
  })

  test.each(['education_formal', 'medical', 'family_tracing_and_reunification', 'Alternative Care', '', null])(
    '%j is held',
    (service_type) => {
      expect(send({ service: { service_type } })).toMatchObject({
        held: 'SERVICE_TYPE_HELD',
        fields: ['service.service_type'],
      })
    },
  )
})

test('D64: agencies stood in code, and a test name was sent for six months; they are settings of the country', () => {
  const agencies = { ...gambella.settings.agencies, referring_to_unhcr: 'Save', named_to_unhcr: 'UNHCR Office' }

  expect(body({}, gambellaWith({ agencies }))).toMatchObject({
    owned_by_agency_id: 'Save',
    service_implementing_agency: 'UNHCR Office',
  })
})

test('D65: a test e-mail and phone were sent; without a complete contact the referral is held', () => {
  expect(referralOut({ caseRow: child, referral, contact: undefined }, gambella, today)).toMatchObject({
    held: 'CONTACT_MISSING',
  })
})

describe('D67: one unknown language emptied the list or left a comma at its end', () => {
  test.each<[unknown, string]>([
    [['language2', 'nobody_listed_this'], 'Nuer, Other'],
    [['nobody_listed_this', 'language2'], 'Other, Nuer'],
    [[], 'Other'],
    [null, 'Other'],
  ])('%j is %j', (language, text) => {
    expect(body({ child: { language } }).language).toBe(text)
  })
})

describe('D68: a phone lost its plus sign and zeros', () => {
  test.each([
    ['+251009000900', '+251009000900'],
    ['0009000900', '0009000900'],
    [251900000900, '251900000900'],
    [null, null],
    ['', null],
  ])('%j is sent as %j', (telephone_current, sent) => {
    expect(body({ child: { telephone_current } }).telephone_current).toBe(sent)
  })
})

describe('D69: a date was read in the time zone of the server, a day early', () => {
  test.each([
    ['2014-06-16', '2014-06-16'],
    ['2014/06/16', '2014-06-16'],
    ['16-Jun-2014', '2014-06-16'],
    ['2014-06-16T00:00:00.000Z', '2014-06-16'],
  ])('%s is the day 2014-06-16', (date_of_birth, day) => {
    expect(body({ child: { date_of_birth } }).date_of_birth).toBe(day)
  })
})

test('D70: a child without a recorded concern was given one; concerns are not sent', () => {
  expect(
    Object.keys(body({ child: { protection_concerns: ['x'], risk_level: 'high' } })).filter((key) =>
      /concern|risk/.test(key),
    ),
  ).toEqual([])
})

describe('D74: no minimum of data was asked for, and UNHCR could not find the child', () => {
  test.each<[string, object, string[]]>([
    ['birth date', { date_of_birth: null }, ['case.date_of_birth']],
    ['birth date after today', { date_of_birth: '2026-06-16' }, ['case.date_of_birth']],
    ['sex', { sex: '' }, ['case.sex']],
    ['both names', { name_first: ' ', name_last: null }, ['case.name_first', 'case.name_last']],
    ['case id', { case_id: null }, ['case.case_id']],
    ['several', { sex: null, date_of_birth: null }, ['case.date_of_birth', 'case.sex']],
  ])('without %s the referral is held and the field named', (_name, change, fields) => {
    expect(send({ child: change })).toMatchObject({ held: 'MINIMUM_DATA_MISSING', fields })
  })

  test.each([{ name_first: null }, { name_last: '' }])('one name is enough: %j', (change) => {
    expect(body({ child: change })).toHaveProperty('id')
  })

  test('a UNHCR number is needed where the country says so', () => {
    const without = { child: { unhcr_individual_no: '' } }

    expect(body(without)).not.toHaveProperty('unhcr_individual_no')
    expect(send(without, gambellaWith({ require_unhcr_number: true }))).toMatchObject({
      held: 'MINIMUM_DATA_MISSING',
      fields: ['case.unhcr_individual_no'],
    })
  })
})

describe('a name that Primero hides is not sent as stars', () => {
  test('the other name remains', () => {
    expect(body({ child: { name_first: '*******', name_middle: ' *** ' } })).toMatchObject({ name_middle: null })
    expect(JSON.stringify(body({ child: { name_first: '*******' } }))).not.toContain('*')
  })

  test('with both hidden there is no name', () => {
    expect(send({ child: { name_first: '*******', name_last: '*******' } })).toMatchObject({
      held: 'MINIMUM_DATA_MISSING',
    })
  })
})

test('a sex without a word for UNHCR is a gap on our side', () => {
  expect(send({ child: { sex: 'x_1234567' } })).toMatchObject({ held: 'NO_MAPPING_ON_OUR_SIDE', fields: ['case.sex'] })
})

test('preparing a referral never throws, and nothing held tells more than names of fields', () => {
  const names = new Set(gambella.fields['to-dtp'].flatMap(({ from }) => from ?? []).concat('case.case_id'))
  const key = fc.constantFrom(...Object.keys(child).filter((name) => !/consent|disclosure/.test(name)))
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.jsonValue()),
      fc.dictionary(fc.constantFrom(...Object.keys(service)), fc.jsonValue()),
      (more, row) => {
        for (const result of [send({ child: more }), send({ service: row })]) {
          if (!('held' in result)) continue
          expect(result.held).toMatch(/^[A-Z_]+$/)
          expect((result.fields ?? []).filter((field) => !names.has(field))).toEqual([])
        }
      },
    ),
  )
})
