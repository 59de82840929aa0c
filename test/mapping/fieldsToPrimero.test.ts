import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapFields } from '../../src/mapping/fields.ts'
import type { Specification } from '../../src/mapping/types.ts'
import { gambella, intervention, today } from './gambella.ts'

const specification = await gambella()

function map(changes: Readonly<Record<string, unknown>> = {}, spec: Specification = specification) {
  const { values, problems } = mapFields(spec, 'to-primero', { ...intervention, ...changes }, { today })
  return { child: values.case ?? {}, service: values.service ?? {}, problems }
}

describe('a referral of proGres', () => {
  it('becomes exactly these fields of a case and of a service row', () => {
    const { child, service, problems } = map()

    expect(problems).toEqual([])
    expect(child).toEqual({
      unhcr_individual_no: '990-00001234',
      unhcr_id_no: '990-26-00056',
      name_first: 'Abel',
      name_last: 'Example',
      date_of_birth: '2012-03-04',
      age: 14,
      sex: 'male',
      language: ['language2'],
    })
    expect(service).toEqual({
      progres_interventionnumber: '990-26-PRTITV-0000123',
      service_type: 'alternative_care',
      service_response_type: 'service_provision',
      service_response_day_time: '2026-05-04T00:00:00.000Z',
      service_implementing_agency: 'UNICEF',
      service_referral: 'external_referral',
      service_referral_notes: 'Needs a place to stay',
      service_request_external: true,
      service_request_agency: 'UNHCR',
      unhcr_referral_status: 'pending',
    })
  })

  it('D6, D7, D9: owner, status, module and case_id were written with every update; no row can write them', () => {
    const targets = specification.fields['to-primero'].map((row) => row.to)

    for (const field of ['owned_by', 'status', 'module_id', 'case_id', 'id'])
      expect(targets).not.toContain(`case.${field}`)
  })

  it('D8: every value of the case was overwritten; the policies are create and fill', () => {
    const policies = new Set(specification.fields['to-primero'].flatMap((row) => row.policy ?? []))

    expect([...policies].sort()).toEqual(['create', 'fill'])
  })

  it('the nickname comes by its misspelt attribute', () => {
    expect(map({ 'individuals.progres_commonyusedname': 'Abe' }).child).toMatchObject({ name_nickname: 'Abe' })
  })
})

describe('what is missing', () => {
  // D12: the guard tested for undefined; '' and null passed, and an empty id reached the search.
  it.each([
    ['an empty text', ''],
    ['null', null],
    ['a blank', ' \u00a0 '],
    ['an empty list', []],
    ['nothing', undefined],
  ])('D12: an empty text and null passed as values; %s is missing', (_, empty) => {
    const { problems, child } = map({ 'individuals.progres_id': empty })

    expect(problems).toEqual([{ to: 'case.unhcr_individual_no', from: ['individuals.progres_id'], problem: 'missing' }])
    expect(child).not.toHaveProperty('unhcr_individual_no')
  })

  it('every required field is named at once, and birth date and sex along with them', () => {
    const { problems } = mapFields(specification, 'to-primero', {}, { today })

    expect(problems.map((problem) => [problem.problem, ...problem.from])).toEqual([
      ['missing', 'individuals.progres_id'],
      ['missing', 'individuals.progres_registrationgroupid'],
      ['missing', 'individuals.progres_givenname'],
      ['missing', 'individuals.progres_familyname'],
      ['missing', 'individuals.progres_dateofbirth'],
      ['missing', 'individuals.progres_sex'],
      ['missing', 'progres_interventionnumber'],
      ['missing', 'interventiontype.progres_description'],
    ])
  })

  it('a child whose birth date and sex nobody knows is not turned away', () => {
    const { problems, child } = map({ 'individuals.progres_dateofbirth': null, 'individuals.progres_sex': '' })

    expect(problems).toEqual([])
    expect(child).not.toHaveProperty('date_of_birth')
    expect(child).not.toHaveProperty('age')
    expect(child).not.toHaveProperty('sex')
  })

  it('D13: a missing service type was reported as one that is not accepted; missing is missing', () => {
    expect(map({ 'interventiontype.progres_description': null }).problems).toEqual([
      { to: 'service.service_type', from: ['interventiontype.progres_description'], problem: 'missing' },
    ])
    expect(map({ 'interventiontype.progres_description': 'Cash Assistance' }).problems).toEqual([
      {
        to: 'service.service_type',
        from: ['interventiontype.progres_description'],
        problem: 'unmapped-refuse',
        table: 'service-type',
        quoted: 'Cash Assistance',
      },
    ])
  })

  it('D22: a look-up with an "or" behind it hid gaps of the table; an unknown sex is refused and quoted', () => {
    expect(map({ 'individuals.progres_sex': '125080009' }).problems).toEqual([
      expect.objectContaining({ to: 'case.sex', problem: 'unmapped-refuse', quoted: '125080009' }),
    ])
  })
})

describe('birth date and age', () => {
  it('D14: a birth at midnight in Gambella was stored a day early; a stamp from noon UTC on means the next day', () => {
    const { child } = map({ 'individuals.progres_dateofbirth': '2012-03-03T21:00:00Z' })

    expect(child).toMatchObject({ date_of_birth: '2012-03-04', age: 14 })
  })

  it('D15: the day before the 18th birthday counted as 18', () => {
    expect(map({ 'individuals.progres_dateofbirth': '2008-06-02T00:00:00Z' }).child).toMatchObject({ age: 17 })
    expect(map({ 'individuals.progres_dateofbirth': '2008-06-01T21:00:00Z' }).child).toMatchObject({ age: 17 })
    expect(map({ 'individuals.progres_dateofbirth': '2008-06-01' }).child).toMatchObject({ age: 18 })
  })

  it.each(['2026-06-02', '2026-06-01T12:00:00Z', '2012-02-30', '22012-01-01', 'unknown', { Year: 2012 }, true])(
    'D15: a birth date in the future gave a positive age; %j cannot be right and is told once',
    (date) => {
      const { child, problems } = map({ 'individuals.progres_dateofbirth': date })

      expect(problems).toEqual([
        { to: 'case.date_of_birth', from: ['individuals.progres_dateofbirth'], problem: 'invalid' },
      ])
      expect(child).not.toHaveProperty('date_of_birth')
      expect(child).not.toHaveProperty('age')
    },
  )

  it('a child born today is 0 years old', () => {
    expect(map({ 'individuals.progres_dateofbirth': today }).child).toMatchObject({ date_of_birth: today, age: 0 })
  })
})

describe('languages', () => {
  it('D16: Swahili was written as Anyuak and Zande as Amharic; both are Other', () => {
    const { child } = map({ 'languages.progres_languagecodeid': ['Swahili', { Name: 'Zande' }] })

    expect(child.language).toEqual(['language6'])
  })

  it('D18: the last of several languages won; all are kept, each once', () => {
    const { child } = map({
      'languages.progres_languagecodeid': ['Nuer', { Name: 'English' }, null, 'Nuer', ' Klingon'],
    })

    expect(child.language).toEqual(['language2', '_english', 'language6'])
  })

  it('without a language the field is left out, not emptied', () => {
    expect(map({ 'languages.progres_languagecodeid': { Name: null } }).child).not.toHaveProperty('language')
  })
})

describe('texts', () => {
  it('D19: a place without a name read "null" and an object "[object Object]"', () => {
    const { child } = map({
      'individuals.progres_coalocationlevel1': { Name: 'Gambela', Id: '00000000-0000-4000-8000-000000006001' },
      'individuals.progres_coalocationlevel2': { Name: null, Id: '00000000-0000-4000-8000-000000006002' },
      'individuals.progres_coalocationlevel3': ' Abobo ',
      'individuals.progres_coalocationlevel6': { Name: 'Block 4' },
    })

    expect(child.address_current).toBe('Gambela Abobo Block 4')
  })

  it('an object that is no reference is told, never written', () => {
    expect(map({ 'individuals.progres_coalocationlevel6': { street: 4 } }).problems).toEqual([
      expect.objectContaining({ to: 'case.address_current', problem: 'invalid' }),
    ])
    expect(map({ 'individuals.progres_givenname': ['Abel', 'Another'] }).problems).toEqual([
      expect.objectContaining({ to: 'case.name_first', problem: 'invalid' }),
    ])
  })

  it('D21: logs were pasted with the names of UNHCR staff; only what was written is kept', () => {
    const { service } = map({
      progres_interventiondescription: '<div>Needs <b>care</b> &amp; rest</div><script>alert(1)</script>',
      progres_reasonforreferral: JSON.stringify([
        { CreatedBy: 'Officer One', Text: '<p>Alone</p>', CreatedOn: '2026-05-04T07:00:00.0Z' },
      ]),
    })

    expect(service.service_referral_notes).toBe('Needs care & rest\n\nAlone')
  })

  it('D20: a partner number stands as requesting agency, and UNHCR where there is none', () => {
    expect(map({ 'user.progres_partner': { Name: '990-26-PNR-00001' } }).service).toMatchObject({
      service_request_agency: '990-26-PNR-00001',
    })
    expect(map({ 'user.progres_partner': { Name: null } }).service).toMatchObject({ service_request_agency: 'UNHCR' })
  })

  it('a phone number stays text with its plus sign and zeros; a number is its digits', () => {
    expect(map({ 'individuals.progres_primaryphonenumber': '+2510900000000' }).child.telephone_current).toBe(
      '+2510900000000',
    )
    expect(map({ 'individuals.progres_primaryphonenumber': 251900000000 }).child.telephone_current).toBe('251900000000')
  })

  it('a note with a line that Primero would take for a date gets a full stop there', () => {
    const { service } = map({
      progres_interventiondescription: 'Seen on<br>2026-05-04<br>2026-05-04T10:00:00Z<br>by us',
    })

    expect(service.service_referral_notes).toBe('Seen on\n2026-05-04.\n2026-05-04T10:00:00Z.\nby us')
  })

  it('a name or a number that Primero would take for a date is told, never altered', () => {
    expect(map({ 'individuals.progres_givenname': '2012-03-04' }).problems).toEqual([
      { to: 'case.name_first', from: ['individuals.progres_givenname'], problem: 'invalid' },
    ])
  })

  it('what PostgreSQL cannot hold is taken out of a text', () => {
    expect(map({ 'individuals.progres_givenname': ' A\0b\u0007el\uD800 ' }).child.name_first).toBe('Abel\uFFFD')
  })

  it('the start of an intervention is a full date-time with seconds', () => {
    const at = (value: unknown) => map({ progres_interventionstartdate: value }).service.service_response_day_time

    expect(at('2026-05-04')).toBe('2026-05-04T00:00:00.000Z')
    expect(at('2026-05-04T10:15')).toBe('2026-05-04T10:15:00.000Z')
    expect(at('2026-05-04T10:15:30+03:00')).toBe('2026-05-04T07:15:30.000Z')
    expect(at(null)).toBeUndefined()
  })
})

describe('D26: fields that a site requires had no place', () => {
  it('a row with a constant, or with a source, fills a custom field', () => {
    const rows = specification.fields['to-primero']
    const fields = {
      ...specification.fields,
      'to-primero': [
        ...rows,
        { to: 'case.intake_source_a1b2', from: [], rule: 'constant', value: 'unhcr', policy: 'create' } as const,
        { to: 'case.consent_given_c3d4', from: ['custom'], rule: 'copy', policy: 'create' } as const,
      ],
    }

    const { child } = map({ custom: true }, { ...specification, fields })

    expect(child).toMatchObject({ intake_source_a1b2: 'unhcr', consent_given_c3d4: true })
  })
})

it('whatever a message holds, mapping ends with values or problems, never with an error', () => {
  const keys = specification.fields['to-primero'].flatMap((row) => row.from)
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.anything({ withBigInt: true })), (source) => {
      const { values, problems } = mapFields(specification, 'to-primero', source, { today })

      expect(JSON.stringify(values)).not.toContain('[object')
      for (const problem of problems) expect(keys).toEqual(expect.arrayContaining([...problem.from]))
    }),
    { numRuns: 300 },
  )
})
