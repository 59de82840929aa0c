import { readdirSync, readFileSync } from 'node:fs'
import type { Settings } from '../../src/mapping/types.ts'
import type { Json, JsonObject } from '../../src/simulator/json.ts'
import type { SeedReferral, SeedUser } from '../../src/simulator/primero/types.ts'
import { createGarden, type Garden } from './plant.ts'

/** All fixtures of both systems with a canary in every personal field. */
export interface PlantedFixtures {
  readonly garden: Garden
  /** Messages of proGres by file name. */
  readonly progres: Readonly<Record<string, Json>>
  readonly primero: {
    readonly cases: readonly JsonObject[]
    readonly referrals: readonly SeedReferral[]
    readonly users: readonly SeedUser[]
    readonly contact_information: JsonObject
  }
}

const folder = new URL('../../fixtures/', import.meta.url)

/** Fields that few of the fixture's cases have: here all of them do. */
const everyField: JsonObject = {
  name_middle: 'x',
  name_nickname: 'x',
  name_other: 'x',
  address_current: 'x',
  telephone_current: 'x',
  unhcr_id_no: 'x',
  other_notes: 'x',
}

/** @param settings  names of the users to whom the fixtures' cases and referrals belong */
export function plantFixtures(
  settings: Pick<Settings, 'intake_user' | 'unhcr_user' | 'contact_fallback_user'>,
): PlantedFixtures {
  const garden = createGarden()
  const read = <T extends Json>(path: string): T => {
    const text = readFileSync(new URL(path, folder), 'utf8')
      .replaceAll('progresv4_primero_intake@cpims.example.org', settings.intake_user)
      .replaceAll('unhcr_cw@cpims.example.org', settings.unhcr_user)
      .replaceAll('cpims_admin@cpims.example.org', settings.contact_fallback_user ?? '')
    return JSON.parse(text)
  }
  const files = readdirSync(new URL('progres/', folder))
  const cases = read<readonly JsonObject[]>('primero/cases.json')
  return {
    garden,
    progres: Object.fromEntries(files.map((file) => [file, garden.plant(file, read<Json>(`progres/${file}`))])),
    primero: {
      cases: cases.map((row, n) => garden.plant(`case ${n + 1}`, filled(row, n))),
      referrals: garden.plant('referrals', read<Json>('primero/referrals.json')) as never,
      users: read<readonly JsonObject[]>('primero/users.json').map((row) =>
        garden.plant(`user ${row.user_name}`, row),
      ) as never,
      contact_information: garden.plant('contact', read<JsonObject>('primero/contact_information.json')),
    },
  }
}

/** Two cases share their individual number on purpose: it is made from the number, not from the case. */
function filled(row: JsonObject, n: number): JsonObject {
  const empty = Object.entries(everyField).filter(([field]) => (row[field] ?? null) === null)
  return { ...row, ...Object.fromEntries(empty.map(([field]) => [field, `${field} ${n}`])) }
}
