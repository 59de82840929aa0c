import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { VersionContent } from './diff/changes.ts'

/**
 * Writes a version as a folder of its own, whole or not at all: into a folder beside it, which then gets the name.
 *
 * @param folder  of the country; there must be no `version` in it yet
 * @param schema  `$schema` of another file of the country, so that editors find the schemas of the new ones
 */
export async function writeVersion(
  folder: string,
  version: string,
  content: VersionContent,
  schema: string | undefined,
): Promise<void> {
  const unfinished = join(folder, `.unfinished-${randomUUID()}`)
  await mkdir(unfinished)
  try {
    for (const [name, value] of Object.entries(versionFiles(content, schema))) {
      await writeFile(join(unfinished, name), value)
    }
    await rename(unfinished, join(folder, version))
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
}

/** Name of each file of a version → its text: keys on lines of their own, a row a line. */
export function versionFiles(content: VersionContent, schema: string | undefined): Record<string, string> {
  const { toPrimero, toDtp, sentences, tables } = content
  const named = (kind: string, value: object) => {
    const at = schema === undefined ? {} : { $schema: `${dirname(schema)}/${kind}.json` }
    return { ...at, ...Object.fromEntries(Object.entries(value).filter(([key]) => key !== '$schema')) }
  }
  const fields = ({ fields: rows, ...rest }: VersionContent['toPrimero']) => ({
    ...rest,
    fields: rows.map(({ to, from, ...row }) => (from.length === 0 ? { to, ...row } : { to, from, ...row })),
  })
  return {
    'fields.to-primero.json': text(named('fields.to-primero', fields(toPrimero))),
    'fields.to-dtp.json': text(named('fields.to-dtp', fields(toDtp))),
    'sentences.json': text(named('sentences', sentences)),
    ...Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [`${name}.json`, text(named('value-table', table))]),
    ),
  }
}

function text(value: object): string {
  const lines = Object.entries(value).map(([key, inner]) => `  ${JSON.stringify(key)}: ${block(key, inner)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

function block(key: string, value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'object')) {
    return `[\n${value.map((row) => `    ${line(row)}`).join(',\n')}\n  ]`
  }
  if (typeof value === 'object' && value !== null && (key === 'en' || key === 'fr')) {
    const texts = Object.entries(value).map(
      ([code, sentence]) => `    ${JSON.stringify(code)}: ${JSON.stringify(sentence)}`,
    )
    return texts.length === 0 ? '{}' : `{\n${texts.join(',\n')}\n  }`
  }
  return line(value)
}

function line(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(line).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${line(inner)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
