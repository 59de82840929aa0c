import type { Clock } from '../clock.ts'
import { isObject, type JsonObject, text, texts } from '../json.ts'
import type { Content } from './content.ts'
import { errors } from './respond.ts'
import { allows, type Role } from './role.ts'
import type { Profile, User } from './types.ts'

export interface Caller {
  readonly user: User
  readonly role: Role
}

/** One authenticated request on its way through a route. */
export interface Call {
  readonly request: Request
  readonly path: string
  readonly query: URLSearchParams
  readonly caller: Caller
  readonly content: Content
  readonly clock: Clock
  readonly profile: Profile
  /** Order of rows with equal sort keys; Primero promises none. */
  readonly ties: 'stable' | 'shuffled'
}

/**
 * The body as JSON; malformed JSON is a 500, not a 400.
 * @source docs/systems.md §Primero/validation
 */
export async function readBody(call: Call): Promise<JsonObject> {
  const raw = await call.request.text()
  if (raw === '') return {}
  try {
    const body: unknown = JSON.parse(raw)
    return isObject(body) ? body : {}
  } catch {
    throw errors(500, call.path, "unexpected token at 'body'")
  }
}

/** `data` of the body. @throws 422 without it (500 before 2.11.1) */
export async function readData(call: Call): Promise<JsonObject> {
  const { data } = await readBody(call)
  if (isObject(data)) return data
  if (call.profile === '2.6') throw errors(500, call.path, "undefined method `[]' for nil:NilClass")
  throw errors(422, call.path, 'param is missing or the value is empty: data')
}

/** Is the case in the scope of the caller's role? */
export function sees(call: Call, data: JsonObject): boolean {
  const { user, role } = call.caller
  const associated = texts(data.associated_user_names)
  switch (role.visible) {
    case 'all':
      return true
    case 'self':
      return associated.includes(user.user_name)
    case 'group': {
      const groups = new Set(user.user_group_unique_ids)
      const groupsOf = (name: string) => call.content.user(name)?.user_group_unique_ids ?? []
      return [...texts(data.owned_by_groups), ...associated.flatMap(groupsOf)].some((group) => groups.has(group))
    }
    case 'agency': {
      const agency = call.content.agencyOf(user)
      const agencyOf = (name: string) => {
        const other = call.content.user(name)
        return other && call.content.agencyOf(other)
      }
      return agency !== undefined && [text(data.owned_by_agency_id), ...associated.map(agencyOf)].includes(agency)
    }
  }
}

export function mayReceive(user: User, role: Role, profile: Profile): boolean {
  const isSystem = profile === '2.15' && role.category !== undefined
  return user.disabled !== true && allows(role, 'receive_referral') && !isSystem
}
