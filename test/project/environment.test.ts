import { createHash, createPrivateKey } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { expect, onTestFinished, test } from 'vitest'
import { configurations } from '../../src/project/credentials.ts'
import { type Purpose, readEnvironment } from '../../src/project/environment.ts'
import { renderProblem } from '../../src/project/problem.ts'

const now = new Date('2026-06-01T00:00:00Z')
const valid = { notBeforeDate: new Date('2026-01-01'), notAfterDate: new Date('2027-01-01') }
const pair = await generate([{ name: 'commonName', value: 'exchange' }], { ...valid, algorithm: 'sha256' })
const other = await generate([{ name: 'commonName', value: 'other' }], { ...valid, algorithm: 'sha256' })

const key = Buffer.alloc(32, 7).toString('base64')
const complete: NodeJS.ProcessEnv = {
  PRIMERO_URL: 'https://primero.example.org/',
  PRIMERO_USERNAME: 'exchange',
  PRIMERO_PASSWORD: 'a long pass word',
  DTP_URL: 'https://gateway.example.org/primero',
  DTP_SUBSCRIPTION_KEY: 'subscription',
  DTP_CLIENT_CERT: pair.cert,
  DTP_CLIENT_KEY: pair.private,
  INBOX_TOKENS: 'one-token-of-length, another-token-of-length',
  ADMIN_PASSWORD: 'correct horse battery',
  DATA_KEYS: `new:${key},old:${key}`,
}

function problemsOf(changes: NodeJS.ProcessEnv, purpose: Purpose = 'start'): string[] {
  const read = readEnvironment({ ...complete, ...changes }, { for: purpose, now })
  return 'problems' in read ? read.problems.map(renderProblem) : []
}

function environmentOf<P extends Purpose>(changes: NodeJS.ProcessEnv, purpose: P) {
  const read = readEnvironment({ ...complete, ...changes }, { for: purpose, now })
  if ('problems' in read) throw new Error(read.problems.map(renderProblem).join('\n'))
  return read.environment
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function fileWith(text: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'secret')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

test('with the required variables alone, everything else has the README’s default', () => {
  const environment = environmentOf({ DATA_DIR: '/var/exchange' }, 'start')

  expect(environment).toEqual({
    logLevel: 'info',
    dataDir: '/var/exchange',
    usersFile: '/var/exchange/users.json',
    witnessPath: '/var/exchange.witness',
    dataKeys: [
      { id: 'new', key: Buffer.alloc(32, 7) },
      { id: 'old', key: Buffer.alloc(32, 7) },
    ],
    retry: {
      waitsMs: [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000],
      forMs: 259_200_000,
    },
    remoteTimeoutMs: 30_000,
    primero: {
      url: 'https://primero.example.org',
      user: 'exchange',
      password: 'a long pass word',
      concurrency: 4,
    },
    dtp: {
      url: 'https://gateway.example.org/primero',
      subscriptionKey: 'subscription',
      concurrency: 8,
      tls: { cert: pair.cert, key: pair.private },
    },
    inbox: {
      tokenDigests: [sha256('one-token-of-length'), sha256('another-token-of-length')],
      signingSecrets: [],
      allowedAddresses: [],
    },
    adminPassword: 'correct horse battery',
    listener: { host: '127.0.0.1', port: 4000, behindProxy: false, trustedProxies: [] },
    warnings: [],
  })
})

test('every missing variable is named at once, and an empty one is missing', () => {
  const read = readEnvironment({ ADMIN_PASSWORD: '' }, { for: 'check', now })

  expect('problems' in read && read.problems.map(renderProblem)).toEqual([
    'environment  DATA_KEYS: is not set. Make one with: exchange keys data',
    'environment  PRIMERO_URL: is not set.',
    'environment  PRIMERO_USERNAME: is not set.',
    'environment  PRIMERO_PASSWORD: is not set.',
    'environment  DTP_URL: is not set.',
    'environment  DTP_SUBSCRIPTION_KEY: is not set.',
    'environment  INBOX_TOKENS: is not set. Make one with: exchange keys inbox',
    'environment  ADMIN_PASSWORD: is not set.',
  ])
})

test.each([
  ['dry-run', []],
  ['store', ['DATA_KEYS']],
  ['run', ['DATA_KEYS', 'PRIMERO_URL', 'PRIMERO_USERNAME', 'PRIMERO_PASSWORD', 'DTP_URL', 'DTP_SUBSCRIPTION_KEY']],
] as const)('what is needed for %s is %j', (purpose, names) => {
  const read = readEnvironment({}, { for: purpose, now })

  expect('problems' in read ? read.problems.map(({ message }) => message.split(':')[0]) : []).toEqual(names)
})

test.each(['NODE_DEBUG', 'NODE_DEBUG_NATIVE'])(
  '%s, with which Node prints requests and their headers, is refused',
  (name) => {
    const line = `environment  ${name}: is set: requests would be printed, numbers of children included.`

    expect(problemsOf({ [name]: 'undici' })[0]).toContain(line)
    expect(problemsOf({ [name]: '' })).toEqual([])
    expect(problemsOf({ [name]: 'undici' }, 'store')).toEqual([])
  },
)

test('a name that was mistyped is pointed at', () => {
  expect(problemsOf({ PRIMERO_USERNAME: undefined, PRIMERO_USERNAMES: 'exchange' })).toEqual([
    'environment  PRIMERO_USERNAME: is not set. There is a variable PRIMERO_USERNAMES: was it meant?',
  ])
})

const secret = 'hunter2-hunter2-hunter2'

test.each([
  ['PRIMERO_URL', 'http://primero.example.org', 'must begin with https://; plain http is for this machine alone.'],
  ['PRIMERO_URL', 'primero.example.org', 'is no URL that begins with https://.'],
  ['PRIMERO_URL', 'https://primero.example.org/api/v2', 'ends with /api/v2; give the base URL alone.'],
  [
    'PRIMERO_URL',
    `https://u:${secret}@example.org`,
    'has a user name or password in it; they have variables of their own.',
  ],
  ['DTP_URL', `https://example.org/?key=${secret}`, 'has a ? or # in it; give the base URL alone.'],
  ['DTP_URL', `ftp://${secret}.example.org`, 'is no URL that begins with https://.'],
  ['PRIMERO_USERNAME', `a:${secret}`, 'has a colon in it, which HTTP Basic cannot transport.'],
  ['PRIMERO_PASSWORD', `${secret}\nmore`, 'has a line break or another control character in it.'],
  ['PRIMERO_CONCURRENCY', '6', 'is no whole number from 1 to 5.'],
  ['DTP_CONCURRENCY', '0', 'is no whole number from 1 to 64.'],
  ['INBOX_TOKENS', ' , ', 'is no list of tokens: visible ASCII characters, separated by commas.'],
  ['DATA_KEYS', `first:${key},${secret}`, 'key 2 is not id:base64 of 32 bytes. Make one with: exchange keys data'],
  [
    'DATA_KEYS',
    `first:${Buffer.alloc(16).toString('base64')}`,
    'key 1 is not id:base64 of 32 bytes. Make one with: exchange keys data',
  ],
  ['DATA_KEYS', `a:${key},a:${key}`, 'has two keys with the same id.'],
  ['PORT', '65536', 'is no whole number from 0 to 65535.'],
  ['PORT', '40.5', 'is no whole number from 0 to 65535.'],
  ['RETRY_WAITS', '5s,soon', 'is no list of lengths of time such as 5s,30s,2m.'],
  ['RETRY_FOR', '72', 'is no length of time such as 500ms, 30s, 10m, 72h or 7d.'],
  ['RETAIN_FOR', '0d', 'is no length of time such as 500ms, 30s, 10m, 72h or 7d.'],
  ['REMOTE_TIMEOUT', '-1s', 'is no length of time such as 500ms, 30s, 10m, 72h or 7d.'],
  ['LOG_LEVEL', 'verbose', 'is none of debug, info, warn, error.'],
  ['COUNTRY', '../secrets', 'is no folder name of small letters, digits and hyphens.'],
  ['DATABASE_URL', `mysql://u:${secret}@db/x`, 'is no URL that begins with postgres://.'],
  ['BEHIND_PROXY', 'yes', 'is neither true nor false.'],
  ['TRUSTED_PROXIES', '10.0.0.0/33', 'is no list of addresses or networks such as 10.0.0.1,10.1.0.0/16.'],
  ['DTP_CA', secret, 'is no certificate in PEM format (-----BEGIN CERTIFICATE-----).'],
])('%s=%s is refused: %s', (name, value, message) => {
  const problems = problemsOf({ [name]: value })

  expect(problems).toEqual([`environment  ${name}: ${message}`])
  expect(problems.join()).not.toContain(secret)
})

test('several wrong variables are named at once', () => {
  expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'x', PRIMERO_URL: 'x' }).map((problem) => problem.split(/\s+/)[1])).toEqual(
    ['LOG_LEVEL:', 'PRIMERO_URL:', 'PORT:'],
  )
})

test.each(['http://127.0.0.1:3000', 'http://127.8.9.1', 'http://localhost:3000', 'http://[::1]:3000'])(
  'plain http to this machine is allowed: %s',
  (url) => {
    expect(environmentOf({ PRIMERO_URL: url, DTP_URL: url }, 'start').primero.url).toBe(url)
  },
)

test.each(['http://127.0.0.1.example.org', 'http://localhost.example.org', 'http://0.0.0.0', 'http://10.0.0.1'])(
  'plain http to another machine is refused: %s',
  (url) => {
    expect(problemsOf({ PRIMERO_URL: url })).toEqual([
      'environment  PRIMERO_URL: must begin with https://; plain http is for this machine alone.',
    ])
  },
)

test('NAME_FILE serves every variable, without the line break at the end of the file', () => {
  const environment = environmentOf(
    {
      PRIMERO_PASSWORD: undefined,
      PRIMERO_PASSWORD_FILE: fileWith('from a file\n'),
      DTP_CLIENT_KEY: undefined,
      DTP_CLIENT_KEY_FILE: fileWith(pair.private),
      PORT_FILE: fileWith('4001\r\n'),
    },
    'start',
  )

  expect(environment.primero.password).toBe('from a file')
  expect(environment.dtp.tls?.key).toBe(pair.private.replace(/\r?\n$/, ''))
  expect(environment.listener.port).toBe(4001)
})

test('a variable that is set directly and by file is refused', () => {
  expect(problemsOf({ ADMIN_PASSWORD_FILE: fileWith('x') })).toEqual([
    'environment  ADMIN_PASSWORD: is set twice, here and by ADMIN_PASSWORD_FILE. Keep one of the two.',
  ])
})

test('a file that is not there is named, and not the variable as missing too', () => {
  expect(problemsOf({ ADMIN_PASSWORD: undefined, ADMIN_PASSWORD_FILE: '/nowhere/secret' })).toEqual([
    'environment  ADMIN_PASSWORD_FILE: cannot read /nowhere/secret: there is no such file.',
  ])
})

test('a secret file that everybody may change is refused; one that everybody may read is warned of', () => {
  const writable = fileWith('a-long-admin-password', 0o666)
  const readable = fileWith('a-long-admin-password', 0o644)
  const files = (path: string) => ({ ADMIN_PASSWORD: undefined, ADMIN_PASSWORD_FILE: path })

  expect(problemsOf(files(writable))).toEqual([
    `environment  ADMIN_PASSWORD_FILE: everybody may write the file ${writable}. Run: chmod 600 ${writable}`,
  ])
  expect(environmentOf(files(readable), 'start').warnings).toEqual([
    `ADMIN_PASSWORD_FILE: every account of this machine may read ${readable}.`,
  ])
})

test('a secret file that other accounts of a group may read is warned of, and one of its owner alone is not', () => {
  const files = (mode: number) => ({ DTP_CLIENT_KEY: undefined, DTP_CLIENT_KEY_FILE: fileWith(pair.private, mode) })
  const shared = files(0o640)

  expect(environmentOf(shared, 'check').warnings).toEqual([
    `DTP_CLIENT_KEY_FILE: every account of its group may read ${shared.DTP_CLIENT_KEY_FILE}.`,
  ])
  expect(environmentOf(files(0o400), 'check').warnings).toEqual([])
})

test('a certificate that expires within 60 days is warned of', () => {
  const at = (day: string) => {
    const read = readEnvironment(complete, { for: 'check', now: new Date(day) })
    return 'environment' in read ? read.environment.warnings : read.problems
  }

  expect(at('2026-11-01')).toEqual([])
  expect(at('2026-11-02')).toEqual(['DTP_CLIENT_CERT: it expires in 60 days, on 2027-01-01. Ask for the next one now.'])
})

test('a certificate that everybody may read is nothing to warn of', () => {
  const file = { DTP_CLIENT_CERT: undefined, DTP_CLIENT_CERT_FILE: fileWith(pair.cert, 0o644) }

  expect(environmentOf(file, 'start').warnings).toEqual([])
})

test('short tokens and passwords are warned of without being shown', () => {
  expect(environmentOf({ INBOX_TOKENS: 'short', ADMIN_PASSWORD: 'short' }, 'start').warnings).toEqual([
    'INBOX_TOKENS: a token is shorter than 16 characters. Make one with: exchange keys inbox',
    'ADMIN_PASSWORD: it is shorter than 16 characters.',
  ])
})

test('of a token its digest is enough, so that the variable opens nothing for whoever reads it', () => {
  const INBOX_TOKENS = `sha256:${sha256('a-token-of-length')},another-token-of-length`

  const { inbox, warnings } = environmentOf({ INBOX_TOKENS }, 'start')

  expect(inbox.tokenDigests).toEqual([sha256('a-token-of-length'), sha256('another-token-of-length')])
  expect(warnings).toEqual([])
})

test('secrets for signatures are 24 to 64 bytes, several of them during a rotation', () => {
  const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 5).toString('base64')}`
  const wrong = 'is no list of secrets: whsec_ and 24 to 64 bytes in base64. Make one with: exchange keys signing'

  expect(
    environmentOf({ INBOX_SIGNING_SECRETS: `${secretOf(32)}, ${secretOf(24)}` }, 'start').inbox.signingSecrets,
  ).toEqual([Buffer.alloc(32, 5), Buffer.alloc(24, 5)])
  for (const INBOX_SIGNING_SECRETS of [secretOf(23), secretOf(65), 'abc', `${secretOf(32)},abc`]) {
    expect(problemsOf({ INBOX_SIGNING_SECRETS })).toEqual([`environment  INBOX_SIGNING_SECRETS: ${wrong}`])
  }
})

test('allowed addresses are addresses or networks; behind a proxy that is not named they are warned of', () => {
  const INBOX_ALLOWED_ADDRESSES = '192.0.2.0/24, 2001:db8::1'
  const warning = 'INBOX_ALLOWED_ADDRESSES: without TRUSTED_PROXIES it is the address of the proxy that is judged.'

  expect(environmentOf({ INBOX_ALLOWED_ADDRESSES }, 'start')).toMatchObject({
    inbox: { allowedAddresses: ['192.0.2.0/24', '2001:db8::1'] },
    warnings: [],
  })
  expect(environmentOf({ INBOX_ALLOWED_ADDRESSES, BEHIND_PROXY: 'true' }, 'start').warnings).toEqual([warning])
  expect(
    environmentOf({ INBOX_ALLOWED_ADDRESSES, BEHIND_PROXY: 'true', TRUSTED_PROXIES: '10.0.0.1' }, 'start').warnings,
  ).toEqual([])
  expect(problemsOf({ INBOX_ALLOWED_ADDRESSES: '192.0.2.0/33' })).toEqual([
    'environment  INBOX_ALLOWED_ADDRESSES: is no list of addresses or networks such as 10.0.0.1,10.1.0.0/16.',
  ])
})

test('https to DTP needs the client certificate and its key', () => {
  expect(problemsOf({ DTP_CLIENT_CERT: undefined, DTP_CLIENT_KEY: undefined })).toEqual([
    'environment  DTP_CLIENT_CERT: is not set. With https, DTP asks for a client certificate.',
    'environment  DTP_CLIENT_KEY: is not set. With https, DTP asks for a client certificate.',
  ])
  expect(problemsOf({ DTP_CLIENT_KEY: undefined })).toEqual([
    'environment  DTP_CLIENT_KEY: is not set, but DTP_CLIENT_CERT is. A certificate and its key belong together.',
  ])
  expect(problemsOf({ DTP_URL: 'http://127.0.0.1:1', DTP_CLIENT_CERT: undefined, DTP_CLIENT_KEY: undefined })).toEqual(
    [],
  )
})

test('a key that belongs to another certificate is refused', () => {
  expect(problemsOf({ DTP_CLIENT_KEY: other.private })).toEqual([
    'environment  DTP_CLIENT_KEY: does not belong to the certificate.',
  ])
  expect(problemsOf({ TLS_CERT: pair.cert, TLS_KEY: other.private })).toEqual([
    'environment  TLS_KEY: does not belong to the certificate.',
  ])
})

test('a key with a passphrase, and text that is no key, are refused', () => {
  const encrypted = createPrivateKey(pair.private)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()

  expect(problemsOf({ DTP_CLIENT_KEY: encrypted })).toEqual([
    'environment  DTP_CLIENT_KEY: is protected by a passphrase, which nobody could type at start.',
  ])
  expect(problemsOf({ DTP_CLIENT_KEY: secret })).toEqual([
    'environment  DTP_CLIENT_KEY: is no private key in PEM format (-----BEGIN PRIVATE KEY-----).',
  ])
})

test('an expired certificate and one that is not valid yet are named with their day', () => {
  const at = (day: string) => {
    const read = readEnvironment(complete, { for: 'run', now: new Date(day) })
    return 'problems' in read ? read.problems.map(renderProblem) : []
  }

  expect(at('2027-01-02')).toEqual(['environment  DTP_CLIENT_CERT: expired on 2027-01-01.'])
  expect(at('2025-12-31')).toEqual(['environment  DTP_CLIENT_CERT: is not valid before 2026-01-01.'])
  expect(at('2026-12-31')).toEqual([])
})

test('PEM with its line breaks written as \\n is read', () => {
  const oneLine = (text: string) => text.trim().replaceAll('\n', '\\n').replaceAll('\r', '')

  const environment = environmentOf(
    { DTP_CLIENT_CERT: oneLine(pair.cert), DTP_CLIENT_KEY: oneLine(pair.private) },
    'run',
  )

  expect(environment.dtp.tls?.cert).toBe(pair.cert.trim().replaceAll('\r', ''))
})

test.each(['0.0.0.0', '::', '10.0.0.5', 'exchange.example.org'])(
  'HOST=%s without TLS and without a proxy is refused',
  (HOST) => {
    const problem =
      'environment  HOST: is reachable from other machines, and nothing ends TLS. Set TLS_CERT and TLS_KEY, or BEHIND_PROXY=true when a proxy does it, or leave HOST at 127.0.0.1.'
    expect(problemsOf({ HOST })).toEqual([problem])
    expect(problemsOf({ HOST, BEHIND_PROXY: 'false' })).toEqual([problem])
    expect(problemsOf({ HOST, BEHIND_PROXY: 'true' })).toEqual([])
    expect(problemsOf({ HOST, TLS_CERT: pair.cert, TLS_KEY: pair.private })).toEqual([])
    expect(problemsOf({ HOST }, 'run')).toEqual([])
  },
)

test('proxies may be addresses and networks', () => {
  const { listener } = environmentOf({ BEHIND_PROXY: 'true', TRUSTED_PROXIES: '10.0.0.1, fd00::/8' }, 'start')

  expect(listener).toMatchObject({ behindProxy: true, trustedProxies: ['10.0.0.1', 'fd00::/8'] })
})

test('credentials get exactly what jobs find in state.configuration', () => {
  const environment = environmentOf({ PRIMERO_CONCURRENCY: '2', REMOTE_TIMEOUT: '5s', DTP_CA: pair.cert }, 'run')

  const primero = {
    url: 'https://primero.example.org',
    user: 'exchange',
    password: 'a long pass word',
    basicAuth: true,
    timeoutMs: 5_000,
    concurrency: 2,
  }
  const dtp = {
    baseUrl: 'https://gateway.example.org/primero',
    subscriptionKey: 'subscription',
    timeoutMs: 5_000,
    concurrency: 8,
    tls: { cert: pair.cert, key: pair.private, ca: pair.cert },
  }
  expect(configurations(environment)).toEqual({ 'primero-api': primero, dtp, 'primero-and-dtp': { primero, dtp } })
})
