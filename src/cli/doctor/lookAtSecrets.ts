import { statSync } from 'node:fs'
import { readCertificate } from '../../project/certificates.ts'
import type { StartEnvironment } from '../../project/environment.ts'
import { variableNames } from '../../project/purposes.ts'
import { readVariables } from '../../project/variables.ts'
import type { DataKeyUse } from '../../store/dataKeyUse.ts'
import type { SecretsEvidence } from './secrets.ts'

/** Lengths and numbers of secrets, from the variables; the secrets themselves stay where they are. */
export function lookAtSecrets(
  env: NodeJS.ProcessEnv,
  environment: StartEnvironment,
  dataKeys: readonly DataKeyUse[],
  now: Date,
): SecretsEvidence {
  const { texts } = readVariables(env, ['INBOX_TOKENS'])
  const given = (texts.INBOX_TOKENS ?? '')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '')
  const inClear = given.filter((token) => !/^sha256:[0-9a-f]{64}$/.test(token))
  const files = secretFiles(env)
  const { listener, inbox, adminPassword, dtp } = environment
  return {
    now,
    tokens: {
      digests: given.length - inClear.length,
      lengths: inClear.map(({ length }) => length),
      signed: inbox.signingSecrets.length > 0,
      addresses: inbox.allowedAddresses.length,
    },
    adminPasswordLength: adminPassword.length,
    dataKeys,
    certificate: dtp.tls?.cert === undefined ? undefined : readCertificate(dtp.tls.cert),
    openFiles: files.flatMap((path) => openness(path) ?? []),
    secretFiles: files.length,
    listener: { host: listener.host, tls: listener.tls !== undefined, behindProxy: listener.behindProxy },
  }
}

/** Files that hold secrets, by the variables that name them; a certificate is public. */
function secretFiles(env: NodeJS.ProcessEnv): readonly string[] {
  const named = variableNames.filter((name) => !/_(CERT|CA)$/.test(name)).flatMap((name) => env[`${name}_FILE`] || [])
  const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined
  return [...new Set([...named, '.env'])].filter(isThere)
}

function openness(path: string): string | undefined {
  if (process.platform === 'win32') return undefined
  const mode = statSync(path).mode & 0o777
  return (mode & 0o077) === 0 ? undefined : `${path} has the mode ${mode.toString(8)}`
}
