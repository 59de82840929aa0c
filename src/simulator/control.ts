import type { Fault, Faults } from './faults.ts'
import { isObject, type Json, type JsonObject } from './json.ts'

export interface Controlled {
  readonly faults: Faults
  /** Requests since the start, all and by route. */
  readonly counts: () => JsonObject
  /** What the simulator holds, as a summary. */
  readonly content: () => Json
  /** What can be done to it, by name. */
  readonly actions: Readonly<Record<string, (body: JsonObject) => Json>>
}

/**
 * `/_simulator/…`, for benchmarks and for tests in another process: `GET requests`, `GET content`, `POST faults` (a Fault as
 * JSON), `DELETE faults`, and one POST per action. No log-in: a simulator listens on loopback or on a socket only.
 */
export function createControl(controlled: Controlled): (request: Request) => Promise<Response> {
  return async (request) => {
    const name = new URL(request.url).pathname.slice('/_simulator/'.length)
    if (request.method === 'GET' && name === 'requests') return answer(controlled.counts())
    if (request.method === 'GET' && name === 'content') return answer(controlled.content())
    if (request.method === 'DELETE' && name === 'faults') {
      controlled.faults.clear()
      return answer({ cleared: true })
    }
    const action = controlled.actions[name]
    const body: unknown = await request.json().catch(() => ({}))
    if (request.method !== 'POST' || !isObject(body))
      return answer({ error: `No ${request.method} ${name} here.` }, 404)
    if (name === 'faults' && isFault(body)) {
      controlled.faults.add(body)
      return answer({ planted: true })
    }
    return action ? answer(action(body)) : answer({ error: `No POST ${name} here.` }, 404)
  }
}

function answer(body: Json, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

function isFault(body: unknown): body is Fault {
  return isObject(body) && isObject(body.what) && typeof body.what.kind === 'string'
}
