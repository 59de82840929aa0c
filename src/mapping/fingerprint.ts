import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonNames } from './read.ts'
import type { Specification } from './types.ts'

/**
 * SHA-256, hex, of the bytes of every file that a loaded specification was made from: settings and the versions in force
 * now and next. Other versions may come and go.
 */
export async function fingerprint(root: string, { country, version, next }: Specification): Promise<string> {
  const folder = join(root, 'mappings', country)
  const hash = createHash('sha256')
  const add = async (path: string) => {
    const bytes = await readFile(join(folder, path)).catch(() => Buffer.from('missing'))
    hash.update(`${path} ${bytes.length}\n`).update(bytes)
  }
  await add('settings.json')
  const versions = [version, ...(next === undefined ? [] : [next.specification.version])]
  for (const name of versions) {
    for (const file of await jsonNames(join(folder, name))) await add(`${name}/${file}.json`)
  }
  return hash.digest('hex')
}
