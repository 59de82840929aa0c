import { groupInterventions, type Intervention } from '../../src/referral/intervention.ts'
import { type TranslatedReferral, translateReferral } from '../../src/referral/receive.ts'
import { gambella } from './gambella.ts'

/** Noon in Addis Ababa. */
export const now = new Date('2026-06-15T09:00:00Z')

/** One row of an invented intervention, complete; `change` replaces attributes. */
export function progresRow(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    progres_interventionnumber: '990-26-PRTITV-0000900',
    'interventiontype.progres_description': 'BIA',
    progres_interventionstartdate: '2026-06-10T00:00:00Z',
    progres_interventiondescription: '<p>Needs an assessment</p>',
    'individuals.progres_id': '990-00000900',
    'individuals.progres_registrationgroupid': { Id: 'x', Name: '990-26-00900' },
    'individuals.progres_givenname': 'Ojulu',
    'individuals.progres_familyname': 'Omot',
    'individuals.progres_dateofbirth': '2014-06-16T00:00:00Z',
    'individuals.progres_sex': '125080001',
    'individuals.progres_primaryphonenumber': '+251900000900',
    'languages.progres_languagecodeid': { Id: 'x', Name: 'Nuer' },
    'user.title': 'Protection Associate',
    'user.internalemailaddress': 'officer@example.org',
    ...change,
  }
}

export function intervention(change: Readonly<Record<string, unknown>> = {}): Intervention {
  const [found] = groupInterventions([progresRow(change)])
  if (found === undefined) throw new Error('The row has no intervention number.')
  return found
}

export function translated(change: Readonly<Record<string, unknown>> = {}): TranslatedReferral {
  const referral = translateReferral(intervention(change), gambella, now)
  if (!referral.ok) throw new Error(`${referral.code}: ${referral.fields.join(', ')}`)
  return referral
}
