import type { Json } from '../json.ts'

/** One error as Primero's JSON shows it. `message` may be a list, `detail` text or a list of pointers. */
export interface ErrorItem {
  readonly status: number
  readonly resource: string
  readonly detail?: string | readonly string[]
  readonly message: string | readonly string[]
}

/** Thrown by a route, answered by the router. */
export class Refusal extends Error {
  readonly response: Response
  constructor(response: Response) {
    super(`Answered ${response.status}.`)
    this.response = response
  }
}

export function json(status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}

/** Primero's `errors` list. @source docs/systems.md §Primero/errors */
export function errors(
  status: number,
  path: string,
  message: string | readonly string[],
  detail?: string | readonly string[],
): Refusal {
  const item: ErrorItem = { status, resource: path, ...(detail === undefined ? {} : { detail }), message }
  const headers = status === 503 ? { 'retry-after': '60' } : {}
  return new Refusal(json(status, { errors: [{ ...item }] }, headers))
}

/** 401: another shape than every other error. @source docs/systems.md §Primero/auth */
export function unauthorized(message: string): Refusal {
  return new Refusal(json(401, { error: message }, { 'www-authenticate': 'Bearer realm="Primero" charset="UTF8"' }))
}

export const forbidden = (path: string) => errors(403, path, 'Forbidden')

export const notFound = (path: string, what: string, id: string) =>
  errors(404, path, 'Not Found', `Couldn't find ${what} with 'id'=${id}`)
