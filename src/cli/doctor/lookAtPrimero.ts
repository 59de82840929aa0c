import { type AccountRights, type PrimeroClient, primero } from '../../adaptors/language-primero/client.ts'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { coverage } from '../../mapping/coverage/coverage.ts'
import { snapshotSchema } from '../../mapping/coverage/snapshot.ts'
import { mappingName } from '../../mapping/inForce.ts'
import type { Specification } from '../../mapping/types.ts'
import type { RunEnvironment } from '../../project/environment.ts'
import { openCountry, openVersion } from '../mappings/open.ts'
import { type FormsEvidence, type MappingEvidence, readFields } from './mapping.ts'
import type { ClockEvidence } from './reach.ts'
import type { RoleEvidence } from './role.ts'
import { isUnseen, type Unseen } from './row.ts'

export interface PrimeroEvidence {
  readonly role: RoleEvidence | Unseen
  readonly forms: FormsEvidence | Unseen
  readonly mapping: MappingEvidence | Unseen
  readonly clock: ClockEvidence | Unseen
}

/** Has the form of a number, and no child has it. */
const nobody = 'exchange-doctor-nobody'

/**
 * Looks at a live Primero with the account of the exchange. Reads only; of cases nothing but how one search is answered.
 * One request at a time, and none after a refused password: six of those lock the account.
 */
export async function lookAtPrimero(
  {
    primero: { url, user, password, concurrency },
    remoteTimeoutMs,
  }: Pick<RunEnvironment, 'primero' | 'remoteTimeoutMs'>,
  specification: Specification,
): Promise<PrimeroEvidence> {
  const client = primero({ url, user, password, concurrency, timeoutMs: Math.min(remoteTimeoutMs, 10_000) })
  const release = await seen(() => client.version().then((version) => ({ version })))
  if (isUnseen(release)) return { role: release, forms: release, mapping: release, clock: release }
  const rights = await seen(() => client.accountRights(user).then((found) => ({ found })))
  const filter = await seen(() => filterState(client))
  const forms = await seen(() => client.forms().then((rows) => ({ rows })))
  const role = isUnseen(rights)
    ? rights
    : isUnseen(filter)
      ? filter
      : {
          account: user,
          release: release.version,
          rights: rights.found,
          module: specification.settings.module_id,
          unhcrUser: specification.settings.unhcr_user,
          filter: filter.state,
        }
  const held = isUnseen(rights) ? rights : rights.found
  return {
    role,
    forms: isUnseen(forms) ? forms : isUnseen(held) ? held : formsOf(forms.rows, held, specification),
    mapping: isUnseen(forms)
      ? forms
      : isUnseen(held)
        ? held
        : await seen(() => compare(client, forms.rows, held, user, specification)),
    clock: await seen(() => clockOf(client, specification)),
  }
}

async function seen<T extends object>(look: () => Promise<T>): Promise<T | Unseen> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ExchangeError) return { unseen: error.message }
    throw error
  }
}

async function filterState(client: PrimeroClient): Promise<{ readonly state: RoleEvidence['filter'] }> {
  try {
    const found = await client.casesWhere('unhcr_individual_no', nobody, { fields: ['id'] })
    return { state: found.length === 0 ? 'honoured' : 'ignored' }
  } catch (error) {
    if (error instanceof ExchangeError && error.code === 'FILTER_IGNORED') return { state: 'ignored' }
    throw error
  }
}

function formsOf(
  rows: readonly unknown[],
  held: AccountRights | undefined,
  specification: Specification,
): FormsEvidence {
  const { forms } = snapshotSchema.pick({ forms: true }).parse({ forms: rows })
  const own = forms.filter(
    ({ is_nested: nested, module_ids: modules }) =>
      nested !== true && (modules?.includes(specification.settings.module_id) ?? true),
  )
  return {
    read: readFields(specification),
    forms: Object.fromEntries(own.map((form) => [form.unique_id, form.fields.map(({ name }) => name)])),
    permitted: held?.forms,
  }
}

/** The comparison of `exchange mappings coverage`, with the rights that the account was told of itself. */
async function compare(
  client: PrimeroClient,
  forms: readonly unknown[],
  held: AccountRights | undefined,
  account: string,
  specification: Specification,
): Promise<MappingEvidence> {
  const country = await openCountry({ country: specification.country })
  const { files } = await openVersion(country, specification.version)
  const { intake_user, unhcr_user, contact_fallback_user, intake_user_by_agency } = country.settings.value
  const names = [intake_user, unhcr_user, contact_fallback_user, ...Object.values(intake_user_by_agency)]
  const users: unknown[] = [{ user_name: account, role_unique_id: held?.role ?? account }]
  for (const name of new Set(names)) {
    const user = name === undefined || name === account ? undefined : await client.findUser(name)
    if (user !== undefined) users.push(user)
  }
  const roles =
    held?.forms === undefined ? [] : [{ unique_id: held.role ?? account, form_section_read_write: held.forms }]
  const snapshot = snapshotSchema.parse({ account, forms, lookups: await client.lookups(), users, roles })
  return { name: mappingName(specification), findings: coverage({ files, settings: country.settings, snapshot }) }
}

async function clockOf(client: PrimeroClient, { settings }: Specification): Promise<ClockEvidence> {
  const asked = Date.now()
  const theirs = Date.parse(await client.serverTime())
  const now = new Date()
  // A Date header is cut to the second: on average it is half a second old.
  const aheadMs = (asked + now.getTime()) / 2 - (theirs + 500)
  return { aheadMs: Math.abs(aheadMs) < 1500 ? 0 : aheadMs, timeZone: settings.time_zone, now }
}
