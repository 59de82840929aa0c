import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldRow, Specification } from '../../src/mapping/types.ts'
import { casePatch } from '../../src/referral/casePatch.ts'
import { caseRecordId } from '../../src/referral/ids.ts'
import { newCase } from '../../src/referral/newCase.ts'
import type { Row } from '../../src/referral/untrusted.ts'
import { gambella } from './gambella.ts'
import { translated } from './referral.ts'

const referral = translated()

/** A case as a case worker keeps it, every field of the mapping filled with something else. */
const kept = {
  id: '0a000000-0000-4000-8000-000000000900',
  case_id: 'c0000000-0000-4000-8000-000000000900',
  module_id: 'primeromodule-cp',
  owned_by: 'cw1',
  status: 'closed',
  unhcr_individual_no: '990-00000900',
  unhcr_id_no: '990-25-00001',
  name_first: 'Ojulu Obang',
  name_middle: 'A.',
  name_last: 'Omod',
  name_nickname: 'Oju',
  date_of_birth: '2014-01-01',
  age: 12,
  sex: 'female',
  telephone_current: '+251900000001',
  address_current: 'Zone A',
  language: ['language1', 'language2'],
  services_section: [{ unique_id: '50000000-0000-4000-8000-000000000001', service_type: 'food' }],
}

const patchOf = (existing: Row, spec: Pick<Specification, 'fields'> = gambella, of = referral) => {
  const change = casePatch(existing, of, spec)
  if (change.same) throw new Error('Nothing to write.')
  return change.patch
}

describe('D8: an update overwrote names, dates, phone and address, blanks included', () => {
  test('on a complete case only the service row is written', () => {
    expect(patchOf(kept)).toEqual({ services_section: [referral.serviceRow] })
  })

  test.each([undefined, null, '', '  '])('a field that holds %j is filled', (empty) => {
    expect(patchOf({ ...kept, telephone_current: empty })).toEqual({
      telephone_current: '+251900000900',
      services_section: [referral.serviceRow],
    })
  })

  test('what proGres leaves empty erases nothing', () => {
    const sparse = translated({
      'individuals.progres_primaryphonenumber': '',
      'languages.progres_languagecodeid': null,
    })

    expect(patchOf(kept, gambella, sparse)).toEqual({ services_section: [sparse.serviceRow] })
  })

  test('a field of policy create is not filled either', () => {
    expect(patchOf({ ...kept, age: null })).not.toHaveProperty('age')
  })

  test('whatever a case holds stays', () => {
    const name = fc.constantFrom(...Object.keys(referral.caseFields).filter((field) => field !== 'language'))
    fc.assert(
      fc.property(
        name,
        fc.oneof(
          fc.integer(),
          fc.boolean(),
          fc.string().map((text) => `x${text}`),
        ),
        (field, value) => {
          expect(patchOf({ ...kept, [field]: value })).toEqual({ services_section: [referral.serviceRow] })
        },
      ),
    )
  })
})

test('D6: every update handed the case to the intake user; an existing case keeps its owner', () => {
  expect(patchOf({ ...kept, owned_by: null })).not.toHaveProperty('owned_by')
})

test('D7: every update set the status to open; an existing case keeps its status', () => {
  expect(patchOf({ ...kept, status: null })).not.toHaveProperty('status')
})

test('D9: case_id was overwritten by what proGres believed it to be; it is never written', () => {
  const named = translated({ progres_primeroid: 'c0000000-0000-4000-8000-00000000dead' })

  expect(JSON.stringify(patchOf(kept, gambella, named))).not.toContain('dead')
  expect(JSON.stringify(newCase(named, gambella))).not.toContain('dead')
})

test('not even a mapping can make owner, status, module, case_id or record id be written on an existing case', () => {
  const to = ['owned_by', 'status', 'module_id', 'case_id', 'id', 'record_state', 'services_section']
  const rows: FieldRow[] = to.map((name) => ({ to: `case.${name}`, from: ['x'], rule: 'copy', policy: 'fill' }))
  const greedy = { fields: { ...gambella.fields, 'to-primero': rows } }
  const of = { ...referral, caseFields: Object.fromEntries(to.map((name) => [name, 'ours'])) }

  expect(patchOf({}, greedy, of)).toEqual({ services_section: [referral.serviceRow] })
})

describe('D18: one language replaced all others; a list gains and never loses', () => {
  const speaking = translated({ 'languages.progres_languagecodeid': [{ Name: 'Nuer' }, { Name: 'Anyuak' }] })

  test('languages that the case lacks are added behind its own', () => {
    expect(patchOf({ ...kept, language: ['language8', 'language2'] }, gambella, speaking).language).toEqual([
      'language8',
      'language2',
      'language1',
    ])
  })

  test('languages that the case has change nothing', () => {
    expect(patchOf(kept, gambella, speaking)).not.toHaveProperty('language')
  })
})

describe('D4: nothing remembered the intervention, and a resend added the row once more', () => {
  const decided = { ...referral.serviceRow, unhcr_referral_status: 'accepted', service_referral_notes: '' }

  test('a redelivery writes nothing, whatever the focal point did with the row', () => {
    expect(casePatch({ ...kept, services_section: [decided] }, referral, gambella)).toEqual({ same: true })
  })

  test('nor does it fill a field that a case worker emptied since', () => {
    const emptied = { ...kept, telephone_current: null, services_section: [decided] }

    expect(casePatch(emptied, referral, gambella)).toEqual({ same: true })
  })

  test('a row that the pilot made is recognised by its intervention number', () => {
    const pilots = {
      unique_id: '50000000-0000-4000-8000-000000000002',
      progres_interventionnumber: '990-26-PRTITV-0000900',
    }

    expect(casePatch({ ...kept, services_section: [pilots] }, referral, gambella)).toEqual({ same: true })
    expect(casePatch({ ...kept, services_section: [pilots] }, referral, gambella, { completing: true })).toEqual({
      same: true,
    })
  })

  test('another intervention of the same child is another row', () => {
    const next = translated({ progres_interventionnumber: '990-26-PRTITV-0000901' })

    expect(patchOf({ ...kept, services_section: [decided] }, gambella, next)).toEqual({
      services_section: [next.serviceRow],
    })
  })

  test.each([undefined, null, [], 'text', [null, 'text']])('a case whose services are %j gets the row', (services) => {
    expect(patchOf({ ...kept, services_section: services })).toEqual({ services_section: [referral.serviceRow] })
  })
})

describe('an attempt that completes an earlier one', () => {
  const { service_type, ...half } = referral.serviceRow
  const ours = { ...newCase(referral, gambella), owned_by: 'cw1' }

  test('fills what Primero dropped from our row, and leaves the decision on it', () => {
    const existing = { ...ours, services_section: [{ ...half, unhcr_referral_status: 'accepted' }] }

    expect(casePatch(existing, referral, gambella, { completing: true })).toEqual({
      same: false,
      patch: { services_section: [{ service_type, unique_id: referral.serviceRow.unique_id }] },
    })
  })

  test('fills what Primero dropped from the case that we made, age included', () => {
    const existing = { ...ours, name_first: null, age: null }

    expect(casePatch(existing, referral, gambella, { completing: true })).toEqual({
      same: false,
      patch: { name_first: 'Ojulu', age: 11 },
    })
  })

  test('writes nothing where nothing is missing', () => {
    expect(casePatch(ours, referral, gambella, { completing: true })).toEqual({ same: true })
  })

  test("fills no field of policy create on somebody else's case", () => {
    const existing = { ...kept, age: null, services_section: [referral.serviceRow] }

    expect(casePatch(existing, referral, gambella, { completing: true })).toEqual({ same: true })
  })
})

describe('a new case', () => {
  test('has our id, the module, the intake owner, the fields of the mapping and one row, and no status of ours', () => {
    expect(newCase(referral, gambella)).toEqual({
      id: caseRecordId('990-00000900'),
      module_id: 'primeromodule-cp',
      owned_by: gambella.settings.intake_user,
      unhcr_individual_no: '990-00000900',
      unhcr_id_no: '990-26-00900',
      name_first: 'Ojulu',
      name_last: 'Omot',
      date_of_birth: '2014-06-16',
      age: 11,
      sex: 'male',
      telephone_current: '+251900000900',
      language: ['language2'],
      services_section: [referral.serviceRow],
    })
  })

  test("D28: the intake user stood in code; the requesting partner's own is taken where the country names one", () => {
    const settings = { ...gambella.settings, intake_user_by_agency: { '990-26-PNR-00001': 'partner_intake' } }
    const ownerFor = (partner: unknown) =>
      newCase(translated({ 'user.progres_partner': partner }), { settings }).owned_by

    expect(ownerFor({ Name: '990-26-PNR-00001' })).toBe('partner_intake')
    expect(ownerFor({ Name: '990-26-PNR-00002' })).toBe(gambella.settings.intake_user)
    expect(ownerFor('constructor')).toBe(gambella.settings.intake_user)
    expect(ownerFor(null)).toBe(gambella.settings.intake_user)
  })

  test('D25: consent is never invented: no consent field is set', () => {
    expect(Object.keys(newCase(referral, gambella)).filter((name) => /consent|disclosure|opt_in/.test(name))).toEqual(
      [],
    )
  })
})

test('patching never throws, whatever a case holds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (existing, services) => {
      casePatch({ ...existing, services_section: services }, referral, gambella, { completing: true })
    }),
  )
})
