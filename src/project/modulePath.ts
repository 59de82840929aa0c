import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { adaptors } from './adaptors.ts'
import { isRecord } from './finding.ts'

/**
 * URL of what a job in this folder means by `specifier`: an adaptor served here, a file, or an installed package.
 * Undefined: there is no such thing.
 *
 * Node's own resolution cannot be asked on behalf of a file that it did not load. Packages are looked for from the folder
 * upwards, then from this program upwards, so that a project outside this repository finds the adaptors it came with.
 */
export function moduleUrl(specifier: string, folder: string): string | undefined {
  const served = adaptors[specifier]
  if (served !== undefined) return served
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`
  if (/^(\.{1,2}\/|\/|file:)/.test(specifier)) {
    const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(folder, specifier)
    return existsSync(path) ? pathToFileURL(path).href : undefined
  }
  const match = /^((?:@[\w.~-]+\/)?[\w.~-]+)(\/.*)?$/.exec(specifier)
  if (match === null) return undefined
  const [, name = '', inside = ''] = match
  const root = packageFolder(name, folder)
  return root === undefined ? undefined : entryOf(root, `.${inside}`)
}

/** Where the package is that jobs in the folder import. */
export function packageFolder(name: string, folder: string): string | undefined {
  return moduleFolders(folder)
    .map((modules) => join(modules, name))
    .find((path) => existsSync(join(path, 'package.json')))
}

/** Where Node looks for packages: from the folder upwards, then from this program upwards. */
export function moduleFolders(folder: string): readonly string[] {
  const starts = [folder, dirname(fileURLToPath(import.meta.url))]
  return [...new Set(starts.flatMap(upwards))].map((parent) => join(parent, 'node_modules'))
}

function upwards(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...upwards(parent)]
}

/** @param inside  `.` or `./util` */
function entryOf(root: string, inside: string): string | undefined {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (!isRecord(manifest)) return undefined
  const { exports, main } = manifest
  const target =
    exports === undefined || exports === null
      ? inside === '.'
        ? (main ?? 'index.js')
        : inside
      : targetOf(
          isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'))
            ? exports[inside]
            : inside === '.'
              ? exports
              : undefined,
        )
  if (typeof target !== 'string') return undefined
  const path = join(root, target)
  return existsSync(path) ? pathToFileURL(path).href : undefined
}

/** The first condition that a module imported by Node meets. */
function targetOf(exported: unknown): unknown {
  if (!isRecord(exported)) return exported
  const condition = Object.keys(exported).find((key) => ['node', 'import', 'module-sync', 'default'].includes(key))
  return condition === undefined ? undefined : targetOf(exported[condition])
}
