import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { mappingName } from '../../mapping/inForce.ts'
import type { Specification } from '../../mapping/types.ts'
import { type RepositoryEvidence, suspicion } from './repository.ts'

const run = promisify(execFile)
const mostBytes = 2_000_000

/**
 * Asks Git about the folder of the project and reads what it tracks there.
 *
 * @param places  where data and secrets are: folders and files that must be outside, or ignored
 */
export async function lookAtRepository(
  root: string,
  specification: Specification,
  places: readonly string[],
): Promise<RepositoryEvidence> {
  const mapping = { name: mappingName(specification), draft: specification.draft === true }
  const git = async (...args: string[]) => (await run('git', args, { cwd: root, maxBuffer: 64_000_000 })).stdout
  const commit = await git('rev-parse', 'HEAD').catch(() => undefined)
  if (commit === undefined) return { git: undefined, mapping }
  const changed = (await git('status', '--porcelain', '--', '.')).split('\n').filter((line) => line !== '')
  const tracked = (await git('ls-files', '-z')).split('\0').filter((path) => path !== '')
  const suspicious: string[] = []
  for (const path of tracked) {
    const found = await readFile(join(root, path)).catch(() => undefined)
    if (found === undefined || found.length > mostBytes) continue
    const why = suspicion(path, found.toString('utf8'))
    if (why !== undefined) suspicious.push(why)
  }
  const unignored: string[] = []
  for (const place of new Set(places)) {
    const inside = relative(root, place)
    if (inside.startsWith('..') || !existsSync(place)) continue
    const isIgnored = await git('check-ignore', '-q', inside).then(
      () => true,
      () => false,
    )
    if (!isIgnored) unignored.push(inside)
  }
  const paths = changed.map((line) => line.slice(3))
  return { git: { commit: commit.trim(), changed: paths, tracked: tracked.length, suspicious, unignored }, mapping }
}
