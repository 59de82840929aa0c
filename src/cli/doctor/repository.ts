import { type Check, counted, fail, ok } from './row.ts'

export interface RepositoryEvidence {
  /** Undefined: the folder of the project is in no Git repository. */
  readonly git:
    | {
        readonly commit: string
        /** Files that differ from the commit, untracked ones included. */
        readonly changed: readonly string[]
        readonly tracked: number
        /** Tracked files that hold or look like data or secrets, and why. */
        readonly suspicious: readonly string[]
        /** Places with data or secrets inside the repository that Git does not ignore. */
        readonly unignored: readonly string[]
      }
    | undefined
  /** A package instead of a checkout: its name and version. */
  readonly mapping: { readonly name: string; readonly draft: boolean }
}

/** What runs is what was reviewed, and no data is where code is. */
export const repositoryChecks: readonly Check<RepositoryEvidence>[] = [
  {
    id: 'C3',
    about: 'what runs is in Git',
    hint: 'Commit or remove these files, so that the commit says what runs; git status lists them.',
    judge: ({ git }) => {
      if (git === undefined) return fail('the project is in no Git repository')
      const few = git.changed.slice(0, 5).join(', ')
      return git.changed.length > 0
        ? fail(`${counted(git.changed.length, 'file')} not as in ${git.commit.slice(0, 12)}: ${few}`)
        : ok(`commit ${git.commit.slice(0, 12)}, nothing changed since`)
    },
  },
  {
    id: 'C3',
    about: 'mapping specification',
    hint: 'Let both agencies sign it off, then: exchange mappings release VERSION',
    judge: ({ mapping: { name, draft } }) => (draft ? fail(`${name} is a draft`) : ok(`${name}, released`)),
  },
  {
    id: 'C6',
    about: 'no data and no secret in the repository',
    hint: 'Take it out, also out of the history (git filter-repo), and change what was secret.',
    judge: ({ git }) => {
      if (git === undefined) return fail('the project is in no Git repository')
      const found = [...git.suspicious, ...git.unignored.map((path) => `${path} is inside it and not ignored`)]
      return found.length > 0 ? fail(found.slice(0, 5).join('; ')) : ok(`${counted(git.tracked, 'file')} looked at`)
    },
  },
]

/** Why a tracked file has no place in a repository; undefined: it has one. Values are never quoted. */
export function suspicion(path: string, text: string): string | undefined {
  if (/(^|\/)\.env$|\.(pem|key|p12|pfx|db|db-wal|db-shm|sqlite|witness|log)$/.test(path)) return `${path} is tracked`
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}/.test(text)) return `${path} holds a private key`
  if (/\bwhsec_[A-Za-z0-9+/]{32,}={0,2}/.test(text)) return `${path} holds a secret for signatures`
  if (
    /^\s*#?(PRIMERO_PASSWORD|DTP_SUBSCRIPTION_KEY|INBOX_TOKENS|ADMIN_PASSWORD|DATA_KEYS)=\S{8}/m.test(text) &&
    /\.env/.test(path)
  )
    return `${path} holds the value of a secret`
  if (path.includes('fixtures/') && /[\w.+-]+@(?![\w.-]*example\.(org|com|net)\b)[\w-]+\.[\w.]+/.test(text))
    return `${path} holds an e-mail address that is not invented`
  return undefined
}
