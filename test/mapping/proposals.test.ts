import { describe, expect, test } from 'vitest'
import { proposals, withProposals } from '../../src/mapping/coverage/proposals.ts'
import type { Snapshot } from '../../src/mapping/coverage/snapshot.ts'
import type { VersionContent } from '../../src/mapping/diff/changes.ts'

const content: VersionContent = {
  toPrimero: { fields: [{ to: 'case.language', from: ['l'], rule: 'tables', table: 'language' }] },
  toDtp: { fields: [] },
  sentences: { en: {} },
  tables: {
    language: {
      name: 'language',
      directions: ['to-primero'],
      owner: 'Group',
      unmapped: { 'to-primero': { use: 'language6' } },
      rows: [
        { progres: 'Nuer', primero: 'language2', label: 'Nuer', relationship: 'equivalent' },
        {
          progres: 'Nuer, Eastern',
          primero: 'language2',
          label: 'Nuer',
          relationship: 'source-is-narrower-than-target',
        },
        { progres: 'Amharic', primero: 'amh', label: 'Amharic', relationship: 'equivalent' },
        { progres: 'Bari', primero: 'language4', label: 'Bari', relationship: 'equivalent' },
        { progres: 'Other', primero: 'language6', label: 'Other', relationship: 'equivalent' },
      ],
    },
  },
}

function primeroWith(options: readonly (readonly [id: string, label: string])[]): Snapshot {
  return {
    forms: [
      {
        unique_id: 'identity',
        module_ids: ['primeromodule-cp'],
        fields: [{ name: 'language', type: 'select_box', option_strings_source: 'lookup lookup-language' }],
      },
    ],
    lookups: [
      {
        unique_id: 'lookup-language',
        values: options.map(([id, label]) => ({ id, display_text: { en: label } })),
      },
    ],
  }
}

describe('options that another Primero has under other ids', () => {
  const live = primeroWith([
    ['amh', 'Amharic'],
    ['nuer_1', ' NUER'],
    ['bari_1', 'Bari'],
    ['bari_2', 'bari'],
    ['other_9', 'Other'],
  ])

  test('are proposed where exactly one bears the name; where none or several do, nothing is', () => {
    expect(proposals(content, live, 'primeromodule-cp')).toEqual([
      { table: 'language', progres: 'Nuer', was: 'language2', option: { id: 'nuer_1', label: ' NUER' } },
      { table: 'language', progres: 'Bari', was: 'language4' },
      { table: 'language', progres: 'Other', was: 'language6', option: { id: 'other_9', label: 'Other' } },
    ])
  })

  test('that were taken stand in every row of the old one, and in what is used for codes without a row', () => {
    const { language } = withProposals(content, proposals(content, live, 'primeromodule-cp')).tables

    expect(language?.rows.map(({ primero }) => primero)).toEqual(['nuer_1', 'nuer_1', 'amh', 'language4', 'other_9'])
    expect(language?.unmapped).toEqual({ 'to-primero': { use: 'other_9' } })
  })

  test('a Primero that has every option proposes nothing', () => {
    const same = primeroWith([
      ['language2', 'Nuer'],
      ['amh', 'Amharic'],
      ['language4', 'Bari'],
      ['language6', 'Other'],
    ])

    expect(proposals(content, same, 'primeromodule-cp')).toEqual([])
  })
})
