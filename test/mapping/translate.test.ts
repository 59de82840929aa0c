import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptedNames, translate } from '../../src/mapping/translate.ts'
import type { Direction, TableRow, ValueTable } from '../../src/mapping/types.ts'
import { gambella } from './gambella.ts'

const specification = await gambella()
const directions: Direction[] = ['to-primero', 'to-dtp']

function isActive(table: ValueTable, row: TableRow, direction: Direction) {
  return (row.directions ?? table.directions).includes(direction)
}

describe('translating a code', () => {
  it('ignores blanks around it and how an accent is composed, and nothing else', () => {
    const accented: ValueTable = {
      name: 'accented',
      directions: ['to-primero'],
      owner: 'test',
      unmapped: { 'to-primero': 'refuse' },
      rows: [{ progres: 'Réunification', primero: 'reunification', relationship: 'equivalent' }],
    }
    const own = { ...specification, tables: { accented } }

    expect(translate(own, 'accented', 'to-primero', ' Re\u0301unification\u00a0')).toEqual({
      found: true,
      code: 'reunification',
    })
    expect(translate(own, 'accented', 'to-primero', 'réunification')).toEqual({ found: false, what: 'refuse' })
  })

  it.each([
    ['sex', 'to-primero', 125080000, 'female'],
    ['sex', 'to-primero', '125080002', 'other_b25f252'],
    ['sex', 'to-primero', 'Male', 'male'],
    ['sex', 'to-primero', 'Unknown', 'unknown_4b34795'],
    ['sex', 'to-dtp', 'unknown_4b34795', 'unknown'],
    ['sex', 'to-dtp', 'other_b25f252', 'other'],
    ['sex', 'to-dtp', 'female', 'female'],
    ['service-type', 'to-primero', 'Alternative Care', 'alternative_care'],
    ['service-type', 'to-primero', 'BID', 'focuses_non_specialized_mhpss_care'],
    ['service-type', 'to-primero', 'BIA', 'focuses_non_specialized_mhpss_care'],
    ['service-type', 'to-primero', 'Family Tracing and Reunification', 'food'],
    ['service-type', 'to-dtp', 'alternative_care', 'Alternative Care'],
    ['service-type', 'to-dtp', 'focuses_non_specialized_mhpss_care', 'Child Protection Service'],
    ['service-type', 'to-dtp', 'food', 'Family Reunification Service'],
    ['review-decision', 'to-primero', '125080000', 'accepted'],
    ['review-decision', 'to-primero', 125080001, 'rejected'],
    ['rejection-reason', 'to-primero', '125080001', 'Individual Not Match UNHCR ID'],
    ['decision-status', 'to-dtp', 'accepted', 'acknowledged'],
    ['decision-status', 'to-dtp', 'rejected', 'rejected'],
  ] as const)('%s %s: %s is %s', (table, direction, code, expected) => {
    expect(translate(specification, table, direction, code)).toMatchObject({ found: true, code: expected })
  })

  it.each([
    ['service-type', 'to-primero', 'Food', 'refuse'],
    ['service-type', 'to-primero', 'food', 'refuse'],
    ['service-type', 'to-primero', 'Family Reunification Service', 'refuse'],
    ['service-type', 'to-dtp', 'medical', 'hold'],
    ['service-type', 'to-dtp', 'family_tracing_and_reunification', 'hold'],
    ['sex', 'to-primero', '125080004', 'refuse'],
    ['review-decision', 'to-primero', '125080003', 'hold'],
    ['decision-status', 'to-dtp', 'pending', 'hold'],
    ['service-type', 'to-primero', 'constructor', 'refuse'],
    ['service-type', 'to-primero', '', 'refuse'],
  ] as const)('%s %s: "%s" has no row, so %s', (table, direction, code, what) => {
    expect(translate(specification, table, direction, code)).toEqual({ found: false, what })
  })

  it('says which names are accepted', () => {
    expect(acceptedNames(specification, 'service-type', 'to-primero')).toEqual([
      'Alternative Care',
      'BID',
      'BIA',
      'Family Tracing and Reunification',
    ])
  })

  it('a table or direction that is not there is a gap on our side, with the file to mend', () => {
    expect(() => translate(specification, 'priority', 'to-primero', 'x')).toThrow(
      expect.objectContaining({ code: 'NO_MAPPING_ON_OUR_SIDE', retry: 'never' }),
    )
    expect(() => translate(specification, 'decision-status', 'to-primero', 'x')).toThrow(/decision-status to-primero/)
    expect(() => translate(specification, 'constructor', 'to-primero', 'x')).toThrow(/no table constructor/)
  })
})

describe('languages', () => {
  // D16: Swahili became Anyuak and Zande became Amharic: ids left over from another country's list.
  it.each(['Swahili', 'Swahili, Congo', 'Cutchi-swahili', 'Zande', 'Klingon', 'Arabic, Sudanese Spoken'])(
    'D16: Swahili came in as Anyuak and Zande as Amharic; %s is Other',
    (name) => {
      expect(translate(specification, 'language', 'to-primero', name)).toMatchObject({ found: true, code: 'language6' })
    },
  )

  it('D17: languages that Primero has came in as Other; every one that goes out by name comes in by it', () => {
    const table = specification.tables.language
    const out = table?.rows.filter((row) => isActive(table, row, 'to-dtp')) ?? []
    expect(out).toHaveLength(36)

    const comesBack = (name: string) => translate(specification, 'language', 'to-primero', name)

    for (const { progres } of out.filter((row) => row.progres !== 'Other')) {
      expect(comesBack(progres)).not.toMatchObject({ code: 'language6' })
    }
    expect(comesBack('English')).toMatchObject({ code: '_english' })
    expect(comesBack('Murle')).toMatchObject({ code: 'murle_fce1c91' })
    expect(comesBack('Amharic')).toMatchObject({ code: 'language5' })
  })

  it.each([
    'Dinka, Northeastern',
    'Dinka, Northwestern; Alor',
    'Dinka, South Central',
    'Dinka, Southeastern;',
    'Dinka, Southeastern',
    'Dinka, Southwestern; Rek',
  ])('%s is Dinka', (name) => {
    expect(translate(specification, 'language', 'to-primero', name)).toEqual({
      found: true,
      code: 'language3',
      label: 'Dinka',
    })
  })
})

describe('laws that hold for every table', () => {
  const rows = Object.values(specification.tables).flatMap((table) => table.rows.map((row) => ({ table, row })))

  it('an equivalent row that goes both ways comes back as itself', () => {
    const both = rows.filter(
      ({ table, row }) => row.relationship === 'equivalent' && directions.every((way) => isActive(table, row, way)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...both), ({ table, row }) => {
        const there = translate(specification, table.name, 'to-primero', row.progres)
        expect(there).toMatchObject({ found: true, code: row.primero })
        expect(translate(specification, table.name, 'to-dtp', row.primero)).toMatchObject({ code: row.progres })
      }),
    )
  })

  it('whatever code comes: found, or what the table says of codes without a row', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(specification.tables)),
        fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.double()),
        (table, code) => {
          for (const direction of table.directions) {
            const result = translate(specification, table.name, direction, code)
            const unmapped = table.unmapped[direction]
            expect(result.found || result.what === unmapped).toBe(true)
          }
        },
      ),
    )
  })
})
