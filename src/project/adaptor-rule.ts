import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adaptors } from './adaptors.ts'
import { moduleFolders, packageFolder } from './modulePath.ts'
import { suggest } from './suggest.ts'

/** A release by its full number: `latest` and ranges would change the exchange without anybody's doing. */
const exact = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/

/** What is wrong with `name@version` as the adaptor of a job in the project at `root`; undefined: it can be used. */
export function adaptorProblem(specifier: string, root: string): { message: string; hint?: string } | undefined {
  const { name, version } = splitSpecifier(specifier)
  if (adaptors[name] === undefined && installedVersion(name, root) === undefined) {
    const hint = suggest(name, [...Object.keys(adaptors), ...installedAdaptors(root)]) ?? 'Install it with npm.'
    return { message: `there is no adaptor "${name}" here.`, hint }
  }
  if (version !== undefined && exact.test(version)) return undefined
  return { message: `"${specifier}" names no exact version.`, hint: `Write it as ${name}@1.2.3.` }
}

export function splitSpecifier(specifier: string): { readonly name: string; readonly version?: string } {
  const at = specifier.lastIndexOf('@')
  return at <= 0 ? { name: specifier } : { name: specifier.slice(0, at), version: specifier.slice(at + 1) }
}

/** Version of the package that jobs of the project import; undefined: none is installed. */
export function installedVersion(name: string, root: string): string | undefined {
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) return undefined
  const folder = packageFolder(name, root)
  if (folder === undefined) return undefined
  const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const version = typeof content === 'object' && content !== null && 'version' in content ? content.version : undefined
  return typeof version === 'string' ? version : undefined
}

function installedAdaptors(root: string): readonly string[] {
  return moduleFolders(root)
    .map((folder) => join(folder, '@openfn'))
    .filter((scope) => existsSync(scope))
    .flatMap((scope) => readdirSync(scope).filter((name) => name.startsWith('language-')))
    .map((name) => `@openfn/${name}`)
}
