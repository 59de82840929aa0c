import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const repository = fileURLToPath(new URL('../../', import.meta.url))

/** A project of its own with this project.yaml, the mappings of the reference project, and these further files. */
export function projectFolder(yaml: string, files: Readonly<Record<string, string>> = {}): string {
  const root = yamlFolder(yaml, { 'package.json': '{"type":"module","exchange":{"country":"gambella"}}', ...files })
  cpSync(join(repository, 'mappings'), join(root, 'mappings'), { recursive: true })
  return root
}

/** A folder with this project.yaml and these further files. */
export function yamlFolder(yaml: string, files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'project-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, content] of Object.entries({ 'project.yaml': yaml, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}
