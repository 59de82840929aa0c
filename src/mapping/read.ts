import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type JsonFile, parseJson } from './json.ts'
import type { SpecificationProblem } from './types.ts'

/** Reads a JSON file of the project, `file` relative to its root. A missing file is a problem, not an error. */
export async function readJson(root: string, file: string): Promise<JsonFile | { problems: SpecificationProblem[] }> {
  let text: string
  try {
    text = await readFile(join(root, file), 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const message = reason === 'ENOENT' ? 'This file is missing.' : `This file cannot be read (${reason}).`
    return { problems: [{ file, message, hint: 'mappings/README.md says what each file is for.' }] }
  }
  return parseJson(file, text)
}

/** Names of the JSON files in a folder, without `.json`, sorted; none where there is no such folder. */
export async function jsonNames(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => [])
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
}
