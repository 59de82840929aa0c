import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Script as VmScript } from 'node:vm'
import { moduleUrl } from '../../project/modulePath.ts'
import { suggest } from '../../project/suggest.ts'
import { RunStop } from '../failure.ts'
import type { Script } from './compile.ts'
import { defer } from './defer.ts'
import { linkedOf } from './linked.ts'
import type { Place } from './place.ts'

type Exports = Readonly<Record<string, unknown>>

/** A compiled script that can be run again and again. */
export interface Runnable {
  /**
   * Runs the script from its first statement to its last: operations are made, none is called.
   *
   * @param globals  values of the names that the script was compiled with
   * @throws RunStop ImportError for what it imports; else whatever its statements throw
   */
  evaluate(globals: Exports): Promise<Exports>
  /** Where in the script an error was thrown; the places in its stack become those of the source file. */
  placeIn(thrown: unknown): Place | undefined
}

export interface Origin {
  /** For stacks and messages: `jobs/send.js`. */
  readonly file: string
  /** Folder from which the script's imports are meant. */
  readonly folder: string
  /** Served before anything that is installed. */
  readonly modules?: Readonly<Record<string, Exports>>
  /** Place in the script → place in the file. */
  readonly at?: (place: Place) => Place
}

export function runnable(script: Script, { file, folder, modules = {}, at = (place) => place }: Origin): Runnable {
  const { code, parameters, sourcePlace } = linkedOf(script)
  // Not a file name that ends in .js:7:3, so that a place that was not translated is never taken for one of the source.
  const marked = `${file}[compiled]`
  const link = (specifier: string, names: readonly string[] = []) =>
    linkModule(specifier, names, { file, folder, modules })
  const run: unknown = new VmScript(code, { filename: marked }).runInThisContext()

  return {
    async evaluate(globals) {
      if (typeof run !== 'function') throw new Error('A compiled script is no function.')
      return await Reflect.apply(run, undefined, [link, ...parameters.slice(1).map((name) => globals[name])])
    },
    placeIn(thrown) {
      if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') return undefined
      let first: Place | undefined
      const translated = thrown.stack.replace(frames(marked), (frame: string, line: string, column: string) => {
        const inScript = sourcePlace({ line: Number(line), column: Number(column) })
        if (inScript === undefined) return frame
        const place = at(inScript)
        first ??= place
        return `${file}:${place.line}:${place.column}`
      })
      Object.defineProperty(thrown, 'stack', { value: translated, configurable: true, writable: true })
      return first
    },
  }
}

function frames(file: string): RegExp {
  return new RegExp(`${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`, 'g')
}

/** What a job in `folder` imports by this name. @throws RunStop ImportError: it is not there, or lacks one of the names */
export async function linkModule(
  specifier: string,
  names: readonly string[],
  { file, folder, modules = {} }: Origin,
): Promise<Exports> {
  const found = modules[specifier] ?? (await importModule(specifier, file, folder))
  const missing = names.find((name) => !(name in found))
  if (missing === undefined) return found
  const hint = suggest(missing, Object.keys(found))
  throw new RunStop(`${file}: "${specifier}" does not export "${missing}".`, {
    stop: 'ImportError',
    ...(hint === undefined ? {} : { hint }),
  })
}

async function importModule(specifier: string, file: string, folder: string): Promise<Exports> {
  if (specifier === '@openfn/runtime') return { defer }
  const url = moduleUrl(specifier, folder)
  if (url === undefined) {
    throw new RunStop(`${file}: there is no module "${specifier}".`, {
      stop: 'ImportError',
      hint: /^[./]/.test(specifier) ? 'Paths are relative to the file that imports them.' : 'Install it with npm.',
    })
  }
  if (url.endsWith('.json')) return { default: JSON.parse(await readFile(fileURLToPath(url), 'utf8')) }
  return import(url)
}
