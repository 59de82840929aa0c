import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Workflow } from '../project/types.ts'
import type { State } from '../run/types.ts'

/**
 * What steps handed on, a file each, so that a later run can begin in the middle. Written only where a person asks for it,
 * since it is whole states: readable for its owner alone, and ignored by git.
 */
export function stepCache(folder: string) {
  return {
    write(step: string, state: unknown): void {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(join(dirname(folder), '.gitignore'), '*\n')
      writeFileSync(join(folder, `${fileName(step)}.json`), JSON.stringify(state ?? {}, null, 2), { mode: 0o600 })
    },
    /** What the first of the steps before this one handed on in an earlier run. */
    async before(step: string, { edges }: Workflow): Promise<State | undefined> {
      for (const { from, to } of edges) {
        if (to !== step || !('job' in from)) continue
        const text = await readFile(join(folder, `${fileName(from.job)}.json`), 'utf8').catch(() => undefined)
        if (text !== undefined) return JSON.parse(text)
      }
      return undefined
    },
  }
}

function fileName(step: string): string {
  return step.replace(/[^\w.-]/g, '-')
}
