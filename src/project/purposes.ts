import { join, resolve } from 'node:path'
import { z } from 'zod'
import type {
  BaseEnvironment,
  Purpose,
  RunEnvironment,
  StartEnvironment,
  StoreEnvironment,
  Tls,
} from './environment.ts'
import * as value from './values.ts'

const base = z.object({
  COUNTRY: value.country.optional(),
  LOG_LEVEL: value.logLevel.default('info'),
})

const store = base.extend({
  DATA_DIR: value.path.prefault('./data'),
  DATABASE_URL: value.databaseUrl.optional(),
  DATA_KEYS: value.dataKeys,
  RETRY_WAITS: value.durations.prefault('5s,30s,2m,10m,30m,1h,2h,4h,6h'),
  RETRY_FOR: value.duration.prefault('72h'),
  RETAIN_FOR: value.duration.optional(),
  USERS_PATH: value.path.optional(),
  WITNESS_PATH: value.path.optional(),
})

const run = store.extend({
  REMOTE_TIMEOUT: value.duration.prefault('30s'),
  PRIMERO_URL: value.remoteUrl.refine((url) => !/\/api(\/v2)?$/.test(url), {
    error: 'ends with /api/v2; give the base URL alone.',
  }),
  PRIMERO_USERNAME: value.userName,
  PRIMERO_PASSWORD: value.secret,
  // Six failed logins at once lock the account for everybody.
  PRIMERO_CONCURRENCY: value.integer(1, 5).prefault('4'),
  DTP_URL: value.remoteUrl,
  DTP_SUBSCRIPTION_KEY: value.secret,
  DTP_CLIENT_CERT: value.pem.optional(),
  DTP_CLIENT_KEY: value.pem.optional(),
  DTP_CA: value.pem.optional(),
  DTP_CONCURRENCY: value.integer(1, 64).prefault('8'),
})

const start = run.extend({
  INBOX_TOKENS: value.tokenDigests,
  INBOX_SIGNING_SECRETS: value.signingSecrets.optional(),
  INBOX_ALLOWED_ADDRESSES: value.addresses.prefault(''),
  ADMIN_PASSWORD: value.secret,
  METRICS_TOKEN: value.secret.optional(),
  HOST: value.host.prefault('127.0.0.1'),
  PORT: value.integer(0, 65_535).prefault('4000'),
  TLS_CERT: value.pem.optional(),
  TLS_KEY: value.pem.optional(),
  BEHIND_PROXY: value.flag.prefault('false'),
  TRUSTED_PROXIES: value.addresses.prefault(''),
})

export type VariableName = keyof typeof start.shape

/** Every variable there is. */
export const variableNames = start.keyof().options

/** What became of the variables of one purpose. `issues`: one a variable; `missing`: it is not set at all. */
interface Parsed {
  readonly environment?: Omit<BaseEnvironment, 'warnings'>
  readonly issues: readonly { readonly name: VariableName; readonly message: string; readonly missing: boolean }[]
}

type TextsByName = Readonly<Partial<Record<VariableName, string>>>

/** The variables of each purpose, parsed and put into the shape that the program uses. */
export const parsers: Readonly<Record<Purpose, (texts: TextsByName) => Parsed>> = {
  'dry-run': (texts) => parse(base, toBase, texts),
  store: (texts) => parse(store, toStore, texts),
  run: (texts) => parse(run, toRun, texts),
  start: (texts) => parse(start, toStart, texts),
  check: (texts) => parse(start, toStart, texts),
}

function parse<S extends z.ZodType>(
  schema: S,
  shape: (values: z.output<S>) => Omit<BaseEnvironment, 'warnings'>,
  texts: TextsByName,
): Parsed {
  const result = schema.safeParse(texts)
  if (result.success) return { environment: shape(result.data), issues: [] }
  const issues = new Map<VariableName, Parsed['issues'][number]>()
  for (const { path, message } of result.error.issues) {
    const name = variableNames.find((known) => known === path[0])
    if (name === undefined || issues.has(name)) continue
    issues.set(name, { name, message, missing: texts[name] === undefined })
  }
  return { issues: [...issues.values()] }
}

function toBase(values: z.output<typeof base>): Omit<BaseEnvironment, 'warnings'> {
  return { logLevel: values.LOG_LEVEL, ...(values.COUNTRY === undefined ? {} : { country: values.COUNTRY }) }
}

function toStore(values: z.output<typeof store>): Omit<StoreEnvironment, 'warnings'> {
  return {
    ...toBase(values),
    dataDir: resolve(values.DATA_DIR),
    usersFile: resolve(values.USERS_PATH ?? join(values.DATA_DIR, 'users.json')),
    witnessPath: resolve(values.WITNESS_PATH ?? `${resolve(values.DATA_DIR)}.witness`),
    dataKeys: values.DATA_KEYS,
    retry: { waitsMs: values.RETRY_WAITS, forMs: values.RETRY_FOR },
    ...(values.DATABASE_URL === undefined ? {} : { databaseUrl: values.DATABASE_URL }),
    ...(values.RETAIN_FOR === undefined ? {} : { retainForMs: values.RETAIN_FOR }),
  }
}

function toRun(values: z.output<typeof run>): Omit<RunEnvironment, 'warnings'> {
  const tls: Tls = {
    ...(values.DTP_CLIENT_CERT === undefined ? {} : { cert: values.DTP_CLIENT_CERT }),
    ...(values.DTP_CLIENT_KEY === undefined ? {} : { key: values.DTP_CLIENT_KEY }),
    ...(values.DTP_CA === undefined ? {} : { ca: values.DTP_CA }),
  }
  return {
    ...toStore(values),
    remoteTimeoutMs: values.REMOTE_TIMEOUT,
    primero: {
      url: values.PRIMERO_URL,
      user: values.PRIMERO_USERNAME,
      password: values.PRIMERO_PASSWORD,
      concurrency: values.PRIMERO_CONCURRENCY,
    },
    dtp: {
      url: values.DTP_URL,
      subscriptionKey: values.DTP_SUBSCRIPTION_KEY,
      concurrency: values.DTP_CONCURRENCY,
      ...(Object.keys(tls).length === 0 ? {} : { tls }),
    },
  }
}

function toStart(values: z.output<typeof start>): Omit<StartEnvironment, 'warnings'> {
  const { TLS_CERT: cert, TLS_KEY: key } = values
  return {
    ...toRun(values),
    inbox: {
      tokenDigests: values.INBOX_TOKENS,
      signingSecrets: values.INBOX_SIGNING_SECRETS ?? [],
      allowedAddresses: values.INBOX_ALLOWED_ADDRESSES,
    },
    adminPassword: values.ADMIN_PASSWORD,
    ...(values.METRICS_TOKEN === undefined ? {} : { metricsToken: values.METRICS_TOKEN }),
    listener: {
      host: values.HOST,
      port: values.PORT,
      behindProxy: values.BEHIND_PROXY,
      trustedProxies: values.TRUSTED_PROXIES,
      ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
    },
  }
}
