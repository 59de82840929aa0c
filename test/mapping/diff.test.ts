import { describe, expect, it } from 'vitest'
import { changes, type VersionContent } from '../../src/mapping/diff/changes.ts'
import type { ValueTable } from '../../src/mapping/types.ts'
import { gambellaContent } from './gambella.ts'

const v1 = await gambellaContent()

/** The content of v1 with one table changed. */
function withTable(name: string, change: (table: ValueTable) => ValueTable): VersionContent {
  const table = v1.tables[name]
  if (table === undefined) throw new Error(name)
  return { ...v1, tables: { ...v1.tables, [name]: change(table) } }
}

describe('differences between two versions', () => {
  it('of a version with itself are none', () => {
    expect(changes(v1, v1)).toEqual([])
  })

  it('a code that becomes another option is told with what it was before', () => {
    const after = withTable('service-type', (table) => ({
      ...table,
      rows: table.rows.map((row) => (row.progres === 'BIA' ? { ...row, primero: 'medical', label: 'Medical' } : row)),
    }))

    expect(changes(v1, after)).toEqual([
      {
        part: 'service-type',
        row: 'BIA / medical',
        kind: 'changed',
        what: [
          { name: 'primero', before: 'focuses_non_specialized_mhpss_care', after: 'medical' },
          { name: 'label', before: 'Child Protection Service', after: 'Medical' },
        ],
        meaning:
          'From proGres: "BIA" becomes "medical" (Medical) (before: becomes "focuses_non_specialized_mhpss_care" (Child Protection Service)).',
      },
    ])
  })

  it.each<[title: string, after: VersionContent, meanings: readonly string[]]>([
    [
      'a row taken away: the code is refused from now on',
      withTable('service-type', (table) => ({ ...table, rows: table.rows.filter(({ progres }) => progres !== 'BID') })),
      [
        'From proGres: "BID" is refused (before: becomes "focuses_non_specialized_mhpss_care" (Child Protection Service)).',
      ],
    ],
    [
      'a new row: a code that was refused is taken',
      withTable('sex', (table) => ({
        ...table,
        rows: [
          ...table.rows,
          { progres: 'M', primero: 'male', relationship: 'equivalent', directions: ['to-primero'] } as const,
        ],
      })),
      ['From proGres: "M" becomes "male" (before: is refused).'],
    ],
    [
      'only a note: nothing changes for a referral',
      withTable('sex', (table) => ({
        ...table,
        rows: table.rows.map((row, at) => (at === 0 ? { ...row, note: 'n' } : row)),
      })),
      ['Every referral is translated as before.'],
    ],
    [
      'rows in another order: nothing changes for a referral',
      withTable('sex', (table) => ({ ...table, rows: table.rows.toReversed() })),
      ['Every referral is translated as before.'],
    ],
    [
      'another answer to codes without a row',
      withTable('sex', (table) => ({ ...table, unmapped: { ...table.unmapped, 'to-primero': 'hold' } })),
      ['A code without a row to-primero is held for a person.'],
    ],
    [
      'a decision that a code has no counterpart',
      withTable('sex', (table) => ({ ...table, noMap: [{ code: 'X', direction: 'to-primero', note: 'n' }] })),
      ['A decision that this code has no counterpart.'],
    ],
    [
      'a field that is required from now on, and one that may be filled on an existing case',
      {
        ...v1,
        toPrimero: {
          ...v1.toPrimero,
          fields: v1.toPrimero.fields.map((row) =>
            row.to === 'case.sex'
              ? { ...row, required: true }
              : row.to === 'case.age'
                ? { ...row, policy: 'fill' as const }
                : row,
          ),
        },
      },
      ['On an existing case it is filled where empty.', 'A referral without case.sex does not pass any more.'],
    ],
    [
      'a field that is gone and a new one',
      {
        ...v1,
        toDtp: {
          ...v1.toDtp,
          fields: v1.toDtp.fields.map((row) =>
            row.to === 'name_nickname' ? { to: 'site', from: [], rule: 'constant' as const, value: 'Gambella' } : row,
          ),
        },
      },
      ['site is always "Gambella".', 'name_nickname is not filled any more.'],
    ],
    [
      'another sentence',
      { ...v1, sentences: { ...v1.sentences, en: { ...v1.sentences.en, NO_REASON_GIVEN: 'None given.' } } },
      ['UNHCR reads another sentence.'],
    ],
  ])('%s', (_, after, meanings) => {
    expect(changes(v1, after).map(({ meaning }) => meaning)).toEqual(meanings)
  })
})
