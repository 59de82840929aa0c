import type { Settings } from '../mapping/types.ts'
import { caseRecordId } from './ids.ts'
import type { TranslatedReferral } from './receive.ts'
import type { Row } from './untrusted.ts'

/**
 * The whole body of a new case: our id, module, owner, the case's fields, and one service row.
 *
 * Without `module_id` Primero stores an empty case and answers 200. `status` and `case_id` are Primero's to give.
 * The owner is the intake user of the partner that asks, where the country names one, else the country's intake user.
 *
 * @source docs/systems.md §Primero/cases, §Primero/validation
 */
export function newCase(
  { individualNo, requestingPartner, caseFields, serviceRow }: TranslatedReferral,
  { settings }: { readonly settings: Pick<Settings, 'module_id' | 'intake_user' | 'intake_user_by_agency'> },
): Row & { readonly id: string } {
  return {
    ...caseFields,
    id: caseRecordId(individualNo),
    module_id: settings.module_id,
    owned_by: intakeUser(settings, requestingPartner),
    services_section: [serviceRow],
  }
}

function intakeUser(
  { intake_user, intake_user_by_agency }: Pick<Settings, 'intake_user' | 'intake_user_by_agency'>,
  partner: string | undefined,
): string {
  const own =
    partner !== undefined && Object.hasOwn(intake_user_by_agency, partner) ? intake_user_by_agency[partner] : undefined
  return own ?? intake_user
}
