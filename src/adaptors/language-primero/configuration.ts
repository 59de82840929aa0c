import { createHash } from 'node:crypto'
import type { Agent } from 'undici'
import { z } from 'zod'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { baseAddress } from '../http/address.ts'
import { safeTls } from '../http/safeTls.ts'

export interface Account {
  /** `https://host[/path]/api/v2` */
  readonly base: string
  readonly user: string
  readonly password: string
  readonly basicAuth: boolean
  readonly timeoutMs: number
  readonly concurrency: number
  readonly connect: Agent.Options['connect']
}

/** Six failed logins lock the account for everybody, so at most five requests may be under way when one is refused. */
const mostInFlight = 5

const schema = z.looseObject({
  url: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
  basicAuth: z.boolean().default(true),
  timeoutMs: z.number().int().positive().default(30_000),
  concurrency: z.number().int().positive().default(4),
  tls: z.looseObject({ socketPath: z.string().optional(), rejectUnauthorized: z.literal(true).optional() }).optional(),
})

/**
 * Reads a credential.
 *
 * @throws CONFIGURATION (never) naming every key that is missing or wrong, never a value
 * @source docs/systems.md §Primero/auth
 */
export function readConfiguration(configuration: unknown): Account {
  const parsed = schema.safeParse(configuration)
  if (!parsed.success) {
    const keys = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'configuration'))]
    throw new ExchangeError(`The credential of Primero has no usable ${keys.join(', ')}.`, {
      code: 'CONFIGURATION',
      retry: 'never',
      fields: keys,
      hint: 'It needs url, user and password (PRIMERO_URL, PRIMERO_USERNAME, PRIMERO_PASSWORD).',
    })
  }
  const { url, user, password, basicAuth, timeoutMs, concurrency, tls } = parsed.data
  return {
    base: `${baseAddress(url, 'PRIMERO_URL', tls?.socketPath).replace(/\/api\/v2$/, '')}/api/v2`,
    user,
    password,
    basicAuth,
    timeoutMs,
    concurrency: Math.min(concurrency, mostInFlight),
    connect: { timeout: Math.min(timeoutMs, 10_000), ...tls, ...safeTls } as Agent.Options['connect'],
  }
}

/** Equal for configurations with equal content; a hash, so that no password lies about as a key. */
export function configurationKey(configuration: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(configuration) ?? '')
    .digest('hex')
}
