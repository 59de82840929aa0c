import type { Stage } from '../flows/stage.ts'

type Row = Readonly<Record<string, string | number | boolean | null>>

interface Changes {
  readonly fields?: Row
  readonly service?: Row
}

/** A case worker registers an invented child and refers one service of hers to UNHCR. */
export function referToUnhcr({ primero, settings }: Stage, { fields = {}, service = {} }: Changes = {}) {
  const { people } = primero
  const child = people.registerCase({
    name_first: 'Akello',
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
    ...fields,
  })
  const row = people.addService(child.id, {
    service_type: 'alternative_care',
    service_response_day_time: '2026-05-04T09:00:00.000Z',
    ...service,
  })
  const serviceId = String(row.unique_id)
  return { caseId: child.id, serviceId, id: people.refer(child.id, serviceId, settings.unhcr_user).id }
}
