import type { Call } from './call.ts'
import { createCase, disableCase, showCase, updateCase } from './cases.ts'
import { listForms, listLocations, listPage, listReceivers, listRoles, listUsers, showUser } from './directory.ts'
import { listCases } from './list.ts'
import { createReferral, createReferrals, listReferrals, revokeReferral, updateReferral } from './referrals.ts'
import { forbidden, json } from './respond.ts'
import { allows } from './role.ts'

type Route = (call: Call, first: string, second: string) => Response | Promise<Response>

/**
 * The authenticated routes below `/api/v2`; `:` stands for one segment. Written out here and not as one msw handler each,
 * because msw tries its handlers one after the other and thirty of them cost more than the answer.
 */
const routes: Readonly<Record<string, Route>> = {
  'GET cases': (call) => (allows(call.caller.role, 'case:read') ? listCases(call) : refuse(call)),
  'POST cases': (call) => createCase(call),
  'GET cases/:': (call, id) => showCase(call, id),
  'PATCH cases/:': (call, id) => updateCase(call, id),
  'DELETE cases/:': (call, id) => disableCase(call, id),
  'POST cases/referrals': (call) => createReferrals(call),
  'GET cases/:/referrals': (call, id) => listReferrals(call, id),
  'POST cases/:/referrals': (call, id) => createReferral(call, id),
  'PATCH cases/:/referrals/:': (call, id, referral) => updateReferral(call, id, referral),
  'DELETE cases/:/referrals/:': (call, id, referral) => revokeReferral(call, id, referral),
  'GET users': (call) => listUsers(call),
  'GET users/:': (call, id) => showUser(call, id),
  'GET users/refer-to': (call) => listReceivers(call),
  'GET forms': (call) => listForms(call),
  'GET lookups': (call) => listPage(call, call.content.seed.lookups, 20),
  'GET locations': (call) => listLocations(call),
  'GET agencies': (call) =>
    allows(call.caller.role, 'agency:read') ? listPage(call, call.content.seed.agencies, 20) : refuse(call),
  'GET roles': (call) => (allows(call.caller.role, 'role:read') ? listRoles(call) : refuse(call)),
  'GET system_settings': (call) => json(200, { data: call.content.seed.system_settings }),
  'GET contact_information': (call) => json(200, { data: call.content.seed.contact_information }),
}

/** The route of a request with its ids; undefined where Primero has none. */
export function findRoute(
  method: string,
  segments: readonly string[],
): ((call: Call) => Response | Promise<Response>) | undefined {
  const [resource = '', first = '', child = '', second = ''] = segments
  const exact = routes[`${method} ${segments.join('/')}`]
  const byShape = routes[`${method} ${[resource, ':', child, ':'].slice(0, segments.length).join('/')}`]
  const route = exact ?? (first === '' ? undefined : byShape)
  return route && ((call) => route(call, first, second))
}

function refuse(call: Call): never {
  throw forbidden(call.path)
}
