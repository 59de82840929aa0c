import { certificateProblem, day, expiryOf, keyProblem, readCertificate } from './certificates.ts'
import { parsers, type VariableName, variableNames } from './purposes.ts'
import type { Problem } from './types.ts'
import { type DataKey, isLoopback, pem } from './values.ts'
import { mistyped, readVariables, type Texts, variableProblem } from './variables.ts'

/**
 * What a command needs of the environment. `dry-run`: nothing secret. `store`: the store alone (inbox, ledger …).
 * `run`: store and both systems. `start` and `check`: all of it.
 */
export type Purpose = 'dry-run' | 'store' | 'run' | 'start' | 'check'

export interface BaseEnvironment {
  /** Folder under mappings/; absent: the project's own choice. */
  readonly country?: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Things that are allowed and yet worth a look, as sentences without values. */
  readonly warnings: readonly string[]
}

export interface StoreEnvironment extends BaseEnvironment {
  /** Absolute. */
  readonly dataDir: string
  /** Absolute; there need not be such a file. */
  readonly usersFile: string
  /** Absolute; made where it is missing. */
  readonly witnessPath: string
  /** PostgreSQL instead of the embedded store. */
  readonly databaseUrl?: string
  /** The first encrypts, all decrypt. */
  readonly dataKeys: readonly [DataKey, ...DataKey[]]
  readonly retry: { readonly waitsMs: readonly number[]; readonly forMs: number }
  readonly retainForMs?: number
}

export interface Tls {
  /** PEM. */
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
  /** A unix socket in place of host and port: a dry run's way to simulated systems. No variable sets it. */
  readonly socketPath?: string
}

export interface RunEnvironment extends StoreEnvironment {
  /** A request without an answer is given up after this. */
  readonly remoteTimeoutMs: number
  readonly primero: {
    readonly url: string
    readonly user: string
    readonly password: string
    readonly concurrency: number
    readonly tls?: Tls
  }
  readonly dtp: {
    readonly url: string
    readonly subscriptionKey: string
    readonly concurrency: number
    readonly tls?: Tls
  }
}

export interface StartEnvironment extends RunEnvironment {
  readonly inbox: {
    /** SHA-256, hex. */
    readonly tokenDigests: readonly string[]
    /** Empty: messages need no signature. */
    readonly signingSecrets: readonly Uint8Array[]
    /** Addresses and networks; empty: all. */
    readonly allowedAddresses: readonly string[]
  }
  readonly adminPassword: string
  readonly metricsToken?: string
  readonly listener: {
    readonly host: string
    /** 0: any free port. */
    readonly port: number
    readonly tls?: { readonly cert: string; readonly key: string }
    readonly behindProxy: boolean
    /** Addresses and networks whose X-Forwarded-For counts. */
    readonly trustedProxies: readonly string[]
  }
}

export type EnvironmentFor<P extends Purpose> = P extends 'dry-run'
  ? BaseEnvironment
  : P extends 'store'
    ? StoreEnvironment
    : P extends 'run'
      ? RunEnvironment
      : StartEnvironment

type Result<E> = { readonly environment: E } | { readonly problems: readonly Problem[] }

/**
 * Reads and validates every variable a command needs, once, before anything runs; `NAME_FILE` serves each.
 * Problems come all at once and name variables, never values.
 */
export function readEnvironment<P extends Purpose>(
  env: NodeJS.ProcessEnv,
  options: { readonly for: P; readonly now?: Date },
): Result<EnvironmentFor<P>>
export function readEnvironment(
  env: NodeJS.ProcessEnv,
  { for: purpose, now = new Date() }: { readonly for: Purpose; readonly now?: Date },
): Result<BaseEnvironment> {
  const { texts, unread, problems: unreadable, warnings } = readVariables(env, variableNames)
  const { environment, issues } = parsers[purpose](texts)
  const problems = [
    ...unreadable,
    ...issues
      .filter(({ name }) => !unread.has(name))
      .map(({ name, message, missing }) => variableProblem(name, message, missing ? meant(name, env) : undefined)),
    ...(purpose === 'dry-run' || purpose === 'store' ? [] : clientCertificateProblems(texts, unread, now)),
    ...(purpose === 'dry-run' || purpose === 'store' ? [] : debugProblems(env)),
    ...(purpose === 'start' || purpose === 'check' ? listenerProblems(texts, unread, now) : []),
  ]
  if (problems.length > 0 || environment === undefined) return { problems }
  return {
    environment: {
      ...environment,
      warnings: [...warnings, ...weakSecrets(texts), ...proxyUnknown(texts), ...expiring(texts, now)],
    },
  }
}

type VariableTexts = Texts<VariableName>

/** With these Node itself prints addresses and headers of every request, past the log and its list of fields. */
function debugProblems(env: NodeJS.ProcessEnv): readonly Problem[] {
  return ['NODE_DEBUG', 'NODE_DEBUG_NATIVE']
    .filter((name) => (env[name] ?? '') !== '')
    .map((name) =>
      variableProblem(name, 'is set: requests would be printed, numbers of children included.', 'Unset it.'),
    )
}

function meant(name: VariableName, env: NodeJS.ProcessEnv): string | undefined {
  const other = mistyped(name, env, variableNames)
  return other === undefined ? makers[name] : `There is a variable ${other}: was it meant?`
}

const makers: Partial<Record<VariableName, string>> = {
  DATA_KEYS: 'Make one with: exchange keys data',
  INBOX_TOKENS: 'Make one with: exchange keys inbox',
}

function clientCertificateProblems(texts: VariableTexts, unread: ReadonlySet<string>, now: Date): readonly Problem[] {
  const names = ['DTP_CLIENT_CERT', 'DTP_CLIENT_KEY'] as const
  const isAskedFor = texts.DTP_URL?.trim().startsWith('https:') === true
  const noneIsSet = names.every((name) => texts[name] === undefined && !unread.has(name))
  const authority = texts.DTP_CA === undefined ? undefined : certificateProblem(pem.parse(texts.DTP_CA), now)
  return [
    ...pairProblems(...names, { texts, unread, now }),
    ...(isAskedFor && noneIsSet
      ? names.map((name) => variableProblem(name, 'is not set.', 'With https, DTP asks for a client certificate.'))
      : []),
    ...(authority === undefined ? [] : [variableProblem('DTP_CA', authority)]),
  ]
}

function listenerProblems(texts: VariableTexts, unread: ReadonlySet<string>, now: Date): readonly Problem[] {
  const host = texts.HOST ?? '127.0.0.1'
  const guarded = texts.TLS_CERT !== undefined || unread.has('TLS_CERT') || texts.BEHIND_PROXY === 'true'
  return [
    ...pairProblems('TLS_CERT', 'TLS_KEY', { texts, unread, now }),
    ...(isLoopback(host) || guarded
      ? []
      : [
          variableProblem(
            'HOST',
            'is reachable from other machines, and nothing ends TLS.',
            'Set TLS_CERT and TLS_KEY, or BEHIND_PROXY=true when a proxy does it, or leave HOST at 127.0.0.1.',
          ),
        ]),
  ]
}

interface PairContext {
  readonly texts: VariableTexts
  readonly unread: ReadonlySet<string>
  readonly now: Date
}

/** A certificate and its key: both or none, belonging together, valid now. */
function pairProblems(certName: VariableName, keyName: VariableName, { texts, unread, now }: PairContext): Problem[] {
  const [cert, key] = [texts[certName], texts[keyName]]
  const problems: Problem[] = []
  const alone = (name: VariableName, other: VariableName) =>
    problems.push(variableProblem(name, `is not set, but ${other} is.`, 'A certificate and its key belong together.'))

  if (cert === undefined && key !== undefined && !unread.has(certName)) alone(certName, keyName)
  if (key === undefined && cert !== undefined && !unread.has(keyName)) alone(keyName, certName)
  const wrongCert = cert === undefined ? undefined : certificateProblem(pem.parse(cert), now)
  if (wrongCert !== undefined) problems.push(variableProblem(certName, wrongCert))
  const wrongKey = key === undefined ? undefined : keyProblem(pem.parse(key), pem.parse(cert ?? ''))
  if (wrongKey !== undefined) problems.push(variableProblem(keyName, wrongKey))
  return problems
}

function weakSecrets(texts: VariableTexts): readonly string[] {
  const isShort = (secret: string) => secret.trim().length < 16
  return [
    ...((texts.INBOX_TOKENS ?? '').split(',').some((token) => token.trim() !== '' && isShort(token))
      ? ['INBOX_TOKENS: a token is shorter than 16 characters. Make one with: exchange keys inbox']
      : []),
    ...(texts.ADMIN_PASSWORD !== undefined && isShort(texts.ADMIN_PASSWORD)
      ? ['ADMIN_PASSWORD: it is shorter than 16 characters.']
      : []),
  ]
}

/** The address of a message would be the proxy's, for every sender. */
function proxyUnknown({ INBOX_ALLOWED_ADDRESSES, BEHIND_PROXY, TRUSTED_PROXIES }: VariableTexts): readonly string[] {
  if (INBOX_ALLOWED_ADDRESSES === undefined || BEHIND_PROXY !== 'true' || TRUSTED_PROXIES !== undefined) return []
  return ['INBOX_ALLOWED_ADDRESSES: without TRUSTED_PROXIES it is the address of the proxy that is judged.']
}

function expiring(texts: VariableTexts, now: Date): readonly string[] {
  return (['DTP_CLIENT_CERT', 'DTP_CA', 'TLS_CERT'] as const).flatMap((name) => {
    const certificate = readCertificate(pem.parse(texts[name] ?? ''))
    if (certificate === undefined || certificate.validTo < now) return []
    const { daysLeft, warning } = expiryOf(certificate.validTo, now)
    return warning === undefined
      ? []
      : [`${name}: it expires in ${daysLeft} days, on ${day(certificate.validTo)}. Ask for the next one now.`]
  })
}
