import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../../src/mapping/types.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

export function readSettings(root: string): Settings {
  return JSON.parse(readFileSync(join(root, 'mappings/gambella/settings.json'), 'utf8'))
}

/** A copy of the reference project whose settings differ, as an administrator would edit them. */
export function projectWith(change: Readonly<Record<string, unknown>>): string {
  const root = mkdtempSync(join(tmpdir(), 'exchange-project-'))
  for (const part of ['project.yaml', 'package.json', 'jobs', 'mappings', 'fixtures'])
    cpSync(join(repository, part), join(root, part), { recursive: true })
  for (const part of ['src', 'node_modules']) symlinkSync(join(repository, part), join(root, part))
  const settings = { ...readSettings(repository), ...change }
  writeFileSync(join(root, 'mappings/gambella/settings.json'), JSON.stringify(settings, null, 2))
  return root
}
