import type { RunEnvironment } from './environment.ts'

type Configuration = Readonly<Record<string, unknown>>

/** Names that a credential of project.yaml may have. Its values come from the environment, never from a file of the project. */
export const credentialNames = ['primero-api', 'dtp', 'primero-and-dtp'] as const

/**
 * What a step finds in `state.configuration`, by the *name* of its credential.
 *
 * - `primero-api`      `{ url, user, password, basicAuth: true, timeoutMs, concurrency }`
 * - `dtp`              `{ baseUrl, subscriptionKey, timeoutMs, concurrency, tls?: { cert, key, ca } }`
 * - `primero-and-dtp`  `{ primero, dtp }`: a step has one credential in OpenFn, and some need both systems
 */
export function configurations({
  primero,
  dtp,
  remoteTimeoutMs: timeoutMs,
}: Pick<RunEnvironment, 'primero' | 'dtp' | 'remoteTimeoutMs'>): Readonly<Record<string, Configuration>> {
  const forPrimero: Configuration = { ...primero, basicAuth: true, timeoutMs }
  const { url: baseUrl, ...restOfDtp } = dtp
  const forDtp: Configuration = { baseUrl, ...restOfDtp, timeoutMs }
  return {
    'primero-api': forPrimero,
    dtp: forDtp,
    'primero-and-dtp': { primero: forPrimero, dtp: forDtp },
  } satisfies Record<(typeof credentialNames)[number], Configuration>
}
