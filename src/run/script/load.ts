import { readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { splitSpecifier } from '../../project/adaptor-rule.ts'
import type { Job } from '../../project/types.ts'
import { RunStop } from '../failure.ts'
import { compileScript, type OperationPlace } from './compile.ts'
import { linkModule, type Runnable, runnable } from './evaluate.ts'
import type { Place } from './place.ts'
import type { ScriptProblem } from './trouble.ts'

/** Names that an old script finds without importing them, before those of its adaptor; and the name `state`. */
export type OldNames = Readonly<Record<string, unknown>>

export type LoadedScript =
  | {
      readonly file: string
      readonly runnable: Runnable
      readonly operations: readonly OperationPlace[]
      readonly warnings: readonly ScriptProblem[]
    }
  | { readonly file: string; readonly problems: readonly ScriptProblem[] }

/** OpenFn's job scripts end in .js; everything else is a module that is imported as it is. */
export function isScript({ body }: Job): boolean {
  return 'text' in body || /\.(js|ojs)$/.test(body.path)
}

/**
 * Reads and compiles the script of a job, with the names that its adaptor exports. Places are those of the file, also for
 * a script that stands inside project.yaml.
 *
 * @throws RunStop ImportError: the file or the adaptor is not there
 */
export async function loadScript({ key, adaptor, body }: Job, oldNames?: OldNames): Promise<LoadedScript> {
  const source = 'text' in body ? body.text : await readScript(key, body.path)
  const path = 'text' in body ? body.file : body.path
  const file = path === undefined ? `job ${key}` : shown(path)
  const origin = {
    file,
    folder: path === undefined ? process.cwd() : dirname(path),
    ...(oldNames === undefined ? {} : { modules: { [old]: oldNames } }),
  }
  const names = [
    ...(oldNames === undefined ? [] : [old]),
    ...(adaptor === '' ? [] : [splitSpecifier(adaptor).name]),
    // As OpenFn does: whoever mentions collections gets their adaptor as well.
    ...(/(collections\.)/.test(source) ? ['@openfn/language-collections'] : []),
  ]
  const adaptors = await Promise.all(
    [...new Set(names)].map(async (specifier) => ({
      specifier,
      exports: new Set(Object.keys(await linkModule(specifier, [], origin)).filter((name) => name !== 'default')),
    })),
  )
  const compiled = compileScript(source, { adaptors, ...(oldNames === undefined ? {} : { globals: ['state'] }) })
  const at = <T extends Place>(place: T): T => ({ ...place, ...moved(place, body) })
  const placed = (problems: readonly ScriptProblem[]) =>
    problems.map(({ place, ...rest }) => ({ ...rest, place: at(place) }))
  if ('problems' in compiled) return { file, problems: placed(compiled.problems) }
  const { script } = compiled
  return {
    file,
    runnable: runnable(script, { ...origin, at }),
    operations: script.operations.map(at),
    warnings: placed(script.warnings),
  }
}

/** Specifier under which old names are linked: no package has a name like it. */
const old = 'names of old scripts'

async function readScript(key: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RunStop(`Job "${key}" cannot be read: there is no readable file ${shown(path)}.`, {
      stop: 'ImportError',
      cause,
    })
  })
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

/** A script inside another file begins at some line of it, and is indented. */
function moved({ line, column }: Place, body: Job['body']): Place {
  if (!('text' in body) || body.begins === undefined) return { line, column }
  return { line: line + body.begins.line - 1, column: column + body.begins.column - 1 }
}
