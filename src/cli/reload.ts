import { statSync } from 'node:fs'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Log } from '../log/log.ts'
import { readEnvironment, type StartEnvironment } from '../project/environment.ts'
import type { VariableName } from '../project/purposes.ts'

/** Secrets that take effect without a restart when the file that their `NAME_FILE` names is replaced. */
export const reloaded = [
  'DTP_CLIENT_CERT',
  'DTP_CLIENT_KEY',
  'DTP_CA',
  'INBOX_TOKENS',
  'INBOX_SIGNING_SECRETS',
  'DATA_KEYS',
  'TLS_CERT',
  'TLS_KEY',
] as const satisfies readonly VariableName[]

interface Options {
  readonly env: NodeJS.ProcessEnv
  readonly log: Log
  /** Takes over what is in `reloaded`; throws where it cannot, and everything stays as it was. */
  readonly apply: (environment: StartEnvironment) => Promise<void>
  readonly now: () => Date
}

/**
 * Gives a function that looks whether one of the files was replaced and takes over what is in them, all or nothing.
 *
 * Files that do not fit together are left alone, and looked at again: a certificate and its key are replaced one after
 * the other. It is said once, not at every look.
 */
export function createReload({ env, log, apply, now }: Options): () => Promise<void> {
  const paths = reloaded.flatMap((name) => env[`${name}_FILE`] || [])
  let known = stateOf(paths)
  let complainedOf = known

  return async () => {
    const state = stateOf(paths)
    if (state === known) return
    const read = readEnvironment(env, { for: 'start', now: now() })
    const reason = 'problems' in read ? namesIn(read.problems) : await refusal(apply, read.environment)
    if (reason === undefined) {
      known = state
      log.info('secrets reloaded')
    } else if (state !== complainedOf) {
      complainedOf = state
      log.error('secrets not reloaded', { code: 'CONFIGURATION', reason })
    }
  }
}

/** A replaced file has another inode or time of change; a mount that swaps a link leads to another file. */
function stateOf(paths: readonly string[]): string {
  const states = paths.map((path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`
  })
  return states.join('\n')
}

async function refusal(apply: Options['apply'], environment: StartEnvironment): Promise<string | undefined> {
  try {
    await apply(environment)
    return undefined
  } catch (error) {
    return error instanceof ExchangeError ? error.code : 'UNFORESEEN'
  }
}

function namesIn(problems: readonly { readonly message: string }[]): string {
  return problems.map(({ message }) => message.split(':')[0]).join(',')
}
