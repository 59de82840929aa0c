import { afterAll, describe, expect, test } from 'vitest'
import { type Child, newChild, type Row, referrals } from './messages.ts'
import { startSite } from './site.ts'
import { casesOf, rows, services, told, writes } from './systems.ts'

const site = await startSite()
afterAll(() => site.close())

const { people, content } = site.primero
const register = (fields: Row) => people.registerCase(fields as Parameters<typeof people.registerCase>[0])
const isReferral =
  ({ individualNo }: Child) =>
  (query: URLSearchParams) =>
    query.get('unhcr_individual_no') === individualNo
const failed = (number: string, closure_reason: unknown) => ({
  case_id: null,
  primero_user: null,
  progres_interventionnumber: number,
  status: 'Delivery Fail',
  closure_reason,
  request_type: 'Feedback',
})

describe('a child whom Primero does not know', () => {
  test('pinned 12: gets a case with an owner, and Pending Acknowledgement says what was read back', async () => {
    const child = newChild()

    const { state, records } = await site.deliver(child.message())

    const [made] = casesOf(site.primero, child.individualNo)
    expect(state).toBe('done')
    expect(records[child.number]).toBe('delivered DELIVERED')
    expect(made).toMatchObject({
      owned_by: site.settings.intake_user,
      module_id: 'primeromodule-cp',
      status: 'open',
      name_first: 'Nyamal',
      date_of_birth: '2016-02-29',
      sex: 'female',
      language: ['language2'],
    })
    expect(told(site.dtp, child.number)).toEqual([
      {
        status: 'Pending Acknowledgement',
        primero_user: site.settings.intake_user,
        case_id: made?.case_id,
        progres_interventionnumber: child.number,
      },
    ])
  })

  test('pinned 12: a write that Primero says it took but did not is not told as delivered', async () => {
    const child = newChild()
    site.primero.faults.add({ match: { method: 'POST', path: '/cases' }, what: { kind: 'answer', status: 204 } })

    const { id, state, records } = await site.deliver(child.message())
    const toldBefore = told(site.dtp, child.number)
    await site.api('POST', `/api/entries/${id}/replay`)
    await site.settled(id, 'done')

    expect(state).toBe('stuck')
    expect(records[child.number]).toMatch(/^waiting /)
    expect(toldBefore).toEqual([])
    expect(told(site.dtp, child.number)).toHaveLength(1)
    expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
  })
})

describe('pinned 9: a child whose case exists', () => {
  test('pinned 9: only the service row is added, empty fields are filled, languages are added; nothing else changes', async () => {
    const child = newChild()
    const typed = {
      unhcr_individual_no: child.individualNo,
      name_first: 'Typed',
      name_last: '',
      sex: 'male',
      date_of_birth: '2014-01-01',
      age: 12,
      telephone_current: '+251900000099',
      language: ['language1'],
    }
    const { id } = register(typed)
    people.addService(id, { service_type: 'food', service_implementing_agency: 'UNICEF' })
    const before = structuredClone(content.case(id)) as Row

    const { records } = await site.deliver(
      child.message({ 'individuals.progres_primaryphonenumber': '+251900000055', progres_primeroid: before.case_id }),
    )

    const after = content.case(id) as Row
    expect(records[child.number]).toBe('delivered DELIVERED')
    const changed = Object.keys(after).filter((key) => JSON.stringify(after[key]) !== JSON.stringify(before[key]))
    expect(changed.toSorted()).toEqual(
      expect.arrayContaining(['language', 'last_updated_at', 'name_last', 'services_section', 'unhcr_id_no']),
    )
    expect(after).toMatchObject({
      ...typed,
      name_last: 'Invented',
      language: ['language1', 'language2'],
      owned_by: before.owned_by,
      status: before.status,
      module_id: before.module_id,
      case_id: before.case_id,
    })
    expect(services(after)).toHaveLength(2)
    expect(services(after)[0]).toEqual(services(before)[0])
    const [patch] = writes(site.primero.requests).filter(({ path }) => path.endsWith(id))
    const body = (patch?.body ?? {}) as { data?: Row }
    const sentFields = Object.keys(body.data ?? {})
    for (const never of ['owned_by', 'status', 'module_id', 'case_id', 'name_first', 'sex', 'date_of_birth', 'age'])
      expect(sentFields).not.toContain(never)
  })

  test('pinned 9: a redelivery changes nothing on an existing row, nor on what the focal point decided', async () => {
    const child = newChild()
    await site.deliver(child.message())
    people.decide(child.number, 'accepted')
    const [made] = casesOf(site.primero, child.individualNo)
    people.edit(String(made?.id), { name_middle: '', telephone_current: '+251900000077' })
    const before = structuredClone(content.case(String(made?.id)))
    const writesBefore = writes(site.primero.requests).length

    const other = newChild()
    const inBatch = await site.deliver(referrals(child.row(), other.row()))
    const changed = await site.deliver(
      child.message({ 'individuals.progres_middlename': 'New', progres_interventiondescription: 'Changed' }),
    )

    expect(inBatch.records[child.number]).toBe('unchanged ALREADY_DELIVERED')
    expect(changed).toMatchObject({ state: 'done', records: { [child.number]: 'unchanged CHANGED_AFTER_DELIVERY' } })
    expect(site.alerts()).toContain('CHANGED_AFTER_DELIVERY')
    expect(content.case(String(made?.id))).toEqual(before)
    expect(writes(site.primero.requests)).toHaveLength(writesBefore + 1)
    expect(told(site.dtp, child.number)).toHaveLength(1)
  })

  test('pinned 9: a row that the pilot wrote, with an id of Primero’s, is recognised by its intervention number', async () => {
    const child = newChild()
    const { id } = register({ unhcr_individual_no: child.individualNo, name_first: 'Old' })
    people.addService(id, {
      service_type: 'alternative_care',
      progres_interventionnumber: child.number,
      unhcr_referral_status: 'rejected',
    })
    const before = structuredClone(content.case(id))

    const { state } = await site.deliver(child.message())

    expect(state).toBe('done')
    expect(content.case(id)).toEqual(before)
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
  })
})

describe('pinned 10: cases that are not simply open', () => {
  test('pinned 10: a closed case gets the row, Primero re-opens it, and the record’s code says so', async () => {
    const child = newChild()
    const { id } = register({ unhcr_individual_no: child.individualNo })
    people.close(id)

    const { state, records } = await site.deliver(child.message())

    expect(state).toBe('done')
    expect(records[child.number]).toBe('delivered CASE_REOPENED')
    expect(content.case(id)).toMatchObject({ status: 'open' })
    expect(rows(site.primero, child.number)).toHaveLength(1)
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
  })

  test('pinned 10: to a disabled case nothing is written; UNHCR is told, and so is a person here', async () => {
    const child = newChild()
    const { id } = register({ unhcr_individual_no: child.individualNo })
    people.disable(id)
    const before = structuredClone(content.case(id))

    const { state, records } = await site.deliver(child.message())

    expect(state).toBe('done')
    expect(records[child.number]).toBe('refused CASE_DISABLED')
    expect(content.case(id)).toEqual(before)
    expect(told(site.dtp, child.number)).toEqual([failed(child.number, expect.stringContaining('disabled'))])
    expect(site.alerts()).toContain('CASE_DISABLED')
  })

  test('pinned 10, D10: where several cases match nothing is written; UNHCR is told, and so is a person here', async () => {
    const child = newChild()
    const ids = ['One', 'Other'].map(
      (name_first) => register({ name_first, unhcr_individual_no: child.individualNo }).id,
    )
    const before = ids.map((id) => structuredClone(content.case(id)))

    const { state, records } = await site.deliver(child.message())

    expect(state).toBe('done')
    expect(records[child.number]).toBe('refused CASE_AMBIGUOUS')
    expect(ids.map((id) => content.case(id))).toEqual(before)
    expect(casesOf(site.primero, child.individualNo)).toHaveLength(2)
    expect(told(site.dtp, child.number)).toEqual([failed(child.number, expect.any(String))])
    expect(site.alerts()).toContain('CASE_AMBIGUOUS')
  })
})

describe('pinned 12: refusals', () => {
  const required = [
    'interventiontype.progres_description',
    'individuals.progres_id',
    'individuals.progres_registrationgroupid',
    'individuals.progres_givenname',
    'individuals.progres_familyname',
  ]

  test.each([
    ['absent', () => undefined],
    ['null', () => null],
    ['empty', () => ' '],
    ['a reference without a name', () => ({ Id: '0', Name: null })],
  ])('pinned 12, D35: every field that is %s is named, all at once', async (_, value) => {
    const child = newChild()

    const { records } = await site.deliver(child.message(Object.fromEntries(required.map((field) => [field, value()]))))

    const [said] = told(site.dtp, child.number)
    expect(records[child.number]).toBe('refused FIELDS_MISSING')
    expect(said).toEqual(failed(child.number, expect.any(String)))
    for (const field of required) expect(said?.closure_reason).toContain(field)
  })

  test('pinned 12, 15: a service type that is not agreed is quoted to UNHCR with the accepted ones, and nowhere else', async () => {
    const types = ['Cash Assistance', 'alternative_care', 'Medical Canary']
    const children = types.map(() => newChild())

    const { id, records } = await site.deliver(
      referrals(...children.map((child, index) => child.row({ 'interventiontype.progres_description': types[index] }))),
    )

    for (const [index, { number }] of children.entries()) {
      expect(records[number]).toBe('refused SERVICE_TYPE_NOT_AGREED')
      const reason = told(site.dtp, number)[0]?.closure_reason
      expect(reason).toContain(types[index])
      for (const accepted of ['Alternative Care', 'BID', 'BIA', 'Family Tracing and Reunification'])
        expect(reason).toContain(accepted)
    }
    const shown = JSON.stringify([await site.get(`/api/entries/${id}`), await site.get('/api/runs'), site.log()])
    expect(shown).toContain('SERVICE_TYPE_NOT_AGREED')
    expect(shown).not.toContain('Medical Canary')
  })

  test('pinned 15: the four agreed service types are taken', async () => {
    const types = {
      'Alternative Care': 'alternative_care',
      BID: 'focuses_non_specialized_mhpss_care',
      BIA: 'focuses_non_specialized_mhpss_care',
      'Family Tracing and Reunification': 'food',
    }
    const children = Object.keys(types).map((type) => ({ type, child: newChild() }))

    await site.deliver(
      referrals(...children.map(({ type, child }) => child.row({ 'interventiontype.progres_description': type }))),
    )

    const stored = children.map(({ type, child }) => [type, rows(site.primero, child.number)[0]?.service_type])
    expect(Object.fromEntries(stored)).toEqual(types)
  })

  test('pinned 12, D30: a 422 of Primero for one referral is told at once in our words; the others are delivered', async () => {
    const [bad, good] = [newChild(), newChild()]
    const errors = [{ status: 422, resource: '/api/v2/cases', detail: ['/sex'], message: 'Canary of Primero' }]
    const match = ({ query }: { readonly query: URLSearchParams }) => isReferral(bad)(query)
    site.primero.faults.add({ match, what: { kind: 'answer', status: 422, body: { errors } } })

    const { state, records } = await site.deliver(referrals(bad.row(), good.row()))

    expect(state).toBe('done')
    expect(records).toMatchObject({
      [bad.number]: 'refused PRIMERO_REJECTED',
      [good.number]: 'delivered DELIVERED',
    })
    expect(told(site.dtp, bad.number)).toEqual([failed(bad.number, expect.not.stringContaining('Canary'))])
    expect(site.alerts()).toContain('PRIMERO_REJECTED')
  })

  test('pinned 12: feedback that DTP refuses leaves the entry stuck without its payload, with a row in the ledger and an alert', async () => {
    const child = newChild()
    site.dtp.faults.add({ what: { kind: 'answer', status: 400, body: { message: 'no' } } })

    const { id, state, code, records } = await site.deliver(child.message())
    const { effects } = await site.get<{ effects: readonly { key: string }[] }>('/api/effects?state=refused')
    const replay = await site.api('POST', `/api/entries/${id}/replay`)

    expect({ state, code }).toEqual({ state: 'stuck', code: 'FEEDBACK_REFUSED' })
    expect(records[child.number]).toBe('refused FEEDBACK_REFUSED')
    expect(effects.map(({ key }) => key)).toContain(`dtp/feedback/${child.number}/1`)
    expect(site.alerts()).toContain('FEEDBACK_REFUSED')
    expect(replay.status).toBe(409)
    expect((await site.api('POST', `/api/entries/${id}/discard`)).status).toBe(200)
  })
})

describe('pinned 13: birth dates', () => {
  test('pinned 13, D14: a stamp at or after 12:00Z means the following day; a future date is refused', async () => {
    const dates = {
      '2016-02-28T11:59:59Z': '2016-02-28',
      '2016-02-28T12:00:00Z': '2016-02-29',
      '2015-12-31T21:00:00Z': '2016-01-01',
      '2016-02-29T00:00:00Z': '2016-02-29',
      '2016-02-29': '2016-02-29',
      '2199-01-01T00:00:00Z': undefined,
      '22012-01-01T00:00:00Z': undefined,
      '2015-02-30T00:00:00Z': undefined,
    }
    const children = Object.keys(dates).map((date) => ({ date, child: newChild() }))

    const { records } = await site.deliver(
      referrals(...children.map(({ date, child }) => child.row({ 'individuals.progres_dateofbirth': date }))),
    )

    const stored = children.map(({ date, child }) => [
      date,
      casesOf(site.primero, child.individualNo)[0]?.date_of_birth,
    ])
    expect(Object.fromEntries(stored)).toEqual(dates)
    const refused = children.filter(({ date }) => dates[date as keyof typeof dates] === undefined)
    for (const { child } of refused) {
      expect(records[child.number]).toBe('refused FIELDS_INVALID')
      expect(told(site.dtp, child.number)[0]?.closure_reason).toContain('individuals.progres_dateofbirth')
    }
  })

  test('pinned 13, D15: the age is counted by the calendar of the country, today in its time zone', async () => {
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: site.settings.time_zone }).format(new Date())
    const shifted = (days: number) => {
      const date = new Date(`${Number(today.slice(0, 4)) - 10}${today.slice(4)}T00:00:00Z`)
      return new Date(date.getTime() + days * 86_400_000).toISOString()
    }
    const [eve, birthday] = [newChild(), newChild()]

    await site.deliver(
      referrals(
        eve.row({ 'individuals.progres_dateofbirth': shifted(1) }),
        birthday.row({ 'individuals.progres_dateofbirth': shifted(0) }),
      ),
    )

    expect(casesOf(site.primero, eve.individualNo)[0]?.age).toBe(9)
    expect(casesOf(site.primero, birthday.individualNo)[0]?.age).toBe(10)
  })
})

test('pinned 14, D16: languages go by the table; unknown names, Swahili and Zande are Other; several are kept', async () => {
  const languages = {
    Anyuak: 'language1',
    Nuer: 'language2',
    'Dinka, Northeastern': 'language3',
    'Dinka, Southeastern;': 'language3',
    Bari: 'language4',
    Amharic: 'language5',
    Somali: 'language8',
    English: '_english',
    Murle: 'murle_fce1c91',
    Swahili: 'language6',
    Zande: 'language6',
    Klingon: 'language6',
  }
  const children = Object.keys(languages).map((name) => ({ name, child: newChild() }))
  const several = newChild()
  const speaks = (child: Child, name: string) => child.row({ 'languages.progres_languagecodeid': { Name: name } })

  await site.deliver(
    referrals(
      ...children.map(({ name, child }) => speaks(child, name)),
      ...['Nuer', 'Zande', 'Amharic'].map((name) => speaks(several, name)),
    ),
  )

  const stored = children.map(({ name, child }) => [name, casesOf(site.primero, child.individualNo)[0]?.language])
  expect(Object.fromEntries(stored)).toEqual(
    Object.fromEntries(Object.entries(languages).map(([name, option]) => [name, [option]])),
  )
  const [made] = casesOf(site.primero, several.individualNo)
  const spoken = (made?.language ?? []) as readonly string[]
  expect(spoken.toSorted()).toEqual(['language2', 'language5', 'language6'])
  expect(rows(site.primero, several.number)).toHaveLength(1)
})

describe('pinned 23: input that cannot be recognised', () => {
  test.each([
    ['no interventions', { request_type: 'PrimeroOutgoingReferral' }],
    ['an empty list', { request_type: 'PrimeroOutgoingReferral', interventions: [] }],
    ['a list of texts', { request_type: 'PrimeroOutgoingReferral', interventions: ['one', null, 3] }],
    ['no request_type', { interventions: [{}] }],
    ['an unknown request_type', { request_type: 'decision', interventions: [{}] }],
  ])('pinned 23, D88: %s: the entry is stuck with a code', async (_, message) => {
    const { state, code } = await site.deliver(message)

    expect({ state, code }).toEqual({ state: 'stuck', code: 'MESSAGE_UNRECOGNISED' })
  })

  test('pinned 23: the good rows among bad ones are processed, and the entry is stuck', async () => {
    const [good, nameless] = [newChild(), newChild()]

    const { state, code, records } = await site.deliver(
      referrals('a text', good.row(), nameless.row({ progres_interventionnumber: ' ' })),
    )

    expect({ state, code }).toEqual({ state: 'stuck', code: 'MESSAGE_PARTLY_UNREADABLE' })
    expect(records[good.number]).toBe('delivered DELIVERED')
    expect(told(site.dtp, good.number)).toHaveLength(1)
    expect(site.alerts()).toContain('MESSAGE_PARTLY_UNREADABLE')
  })
})
