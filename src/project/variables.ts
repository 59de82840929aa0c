import { readFileSync, statSync } from 'node:fs'
import { nearest } from '../mapping/nearest.ts'
import type { Problem } from './types.ts'

export type Texts<Name extends string> = Readonly<Partial<Record<Name, string>>>

interface Read<Name extends string> {
  readonly texts: Texts<Name>
  /** Variables that are set in a way that cannot be read: their absence is no further problem. */
  readonly unread: ReadonlySet<Name>
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/**
 * Reads variables as text, each from `NAME` or from the file that `NAME_FILE` names.
 *
 * Empty means not set. One line break at the end of a file is dropped, since editors and `echo` add it. Problems and
 * warnings name variables and paths, never a value.
 */
export function readVariables<Name extends string>(env: NodeJS.ProcessEnv, names: readonly Name[]): Read<Name> {
  const texts: Partial<Record<Name, string>> = {}
  const unread = new Set<Name>()
  const problems: Problem[] = []
  const warnings: string[] = []
  for (const name of names) {
    const fileName = `${name}_FILE`
    const value = env[name] || undefined
    const path = env[fileName] || undefined
    if (value !== undefined && path !== undefined) {
      unread.add(name)
      problems.push(variableProblem(name, `is set twice, here and by ${fileName}.`, 'Keep one of the two.'))
    } else if (path !== undefined) {
      const read = readSecretFile(path)
      if ('problem' in read) {
        unread.add(name)
        problems.push(variableProblem(fileName, read.problem, read.hint))
        continue
      }
      if (read.text !== '') texts[name] = read.text
      if (read.warning !== undefined && !isPublic(name)) warnings.push(`${fileName}: ${read.warning}`)
    } else if (value !== undefined) {
      texts[name] = value
    }
  }
  return { texts, unread, problems, warnings }
}

/** A variable's problem; `file` is the word for where variables live. */
export function variableProblem(name: string, message: string, hint?: string): Problem {
  return { file: 'environment', message: `${name}: ${message}`, ...(hint === undefined ? {} : { hint }) }
}

/** For a variable that is missing: the set one that was probably meant to be it. */
export function mistyped(name: string, env: NodeJS.ProcessEnv, known: readonly string[]): string | undefined {
  const prefix = `${name.split('_')[0]}_`
  const others = Object.keys(env).filter((set) => set.startsWith(prefix) && !known.includes(set.replace(/_FILE$/, '')))
  return nearest(name, others)
}

/** A certificate is meant to be seen; its key is not. */
function isPublic(name: string): boolean {
  return /_(CERT|CA)$/.test(name)
}

type SecretFile =
  | { readonly text: string; readonly warning?: string }
  | { readonly problem: string; readonly hint?: string }

function readSecretFile(path: string): SecretFile {
  try {
    const { mode } = statSync(path)
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    if (process.platform === 'win32') return { text }
    if ((mode & 0o002) !== 0) {
      return { problem: `everybody may write the file ${path}.`, hint: `Run: chmod 600 ${path}` }
    }
    // Container platforms mount secrets readable for all (Docker 0444, Kubernetes 0644): no reason to refuse them.
    if ((mode & 0o004) !== 0) return { text, warning: `every account of this machine may read ${path}.` }
    return (mode & 0o040) === 0 ? { text } : { text, warning: `every account of its group may read ${path}.` }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : `${code}`
    return { problem: `cannot read ${path}: ${reason}.` }
  }
}
