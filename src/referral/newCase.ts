import { ExchangeError } from '../errors/ExchangeError.ts'
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
 * @throws NO_MAPPING_ON_OUR_SIDE (never) for a partner that is not listed, where the country has a person decide
 * @source docs/systems.md §Primero/cases, §Primero/validation
 */
export function newCase(
  { individualNo, requestingPartner, caseFields, serviceRow }: TranslatedReferral,
  { settings }: { readonly settings: Pick<Settings, 'module_id'> & Intake },
): Row & { readonly id: string } {
  return {
    ...caseFields,
    id: caseRecordId(individualNo),
    module_id: settings.module_id,
    owned_by: intakeUser(settings, requestingPartner),
    services_section: [serviceRow],
  }
}

type Intake = Pick<Settings, 'intake_user' | 'intake_user_by_agency' | 'intake_other_agencies'>

function intakeUser(settings: Intake, partner: string | undefined): string {
  const { intake_user, intake_user_by_agency, intake_other_agencies } = settings
  if (partner === undefined) return intake_user
  const own = Object.hasOwn(intake_user_by_agency, partner) ? intake_user_by_agency[partner] : undefined
  if (own !== undefined) return own
  if (intake_other_agencies === 'intake_user') return intake_user
  throw new ExchangeError('The partner that asks has no intake user, so nobody would own the new case.', {
    code: 'NO_MAPPING_ON_OUR_SIDE',
    retry: 'never',
    hint: 'Add the partner to intake_user_by_agency in settings.json, start anew, then replay the entry.',
  })
}
