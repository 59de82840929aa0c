import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadProject } from '../../src/project/load.ts'
import { openStore } from '../../src/store/open.ts'
import { dataKeys, storePlace, type Theatre } from './play.ts'
import { startSystems } from './systems.ts'
import { takeOverTime } from './virtualTime.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Makes what all schedules share; from then on the timers of this process stand still until a schedule moves them. */
export async function openTheatre(): Promise<Theatre & { close(): Promise<void> }> {
  const loaded = await loadProject(root, { country: 'gambella', env: {} })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const folder = await mkdtemp(join(storePlace, 'fresh-'))
  await (await openStore({ dataDir: folder, dataKeys })).close()
  const freshStore = await readFile(join(folder, 'exchange.db'))
  await rm(folder, { recursive: true, force: true })
  const systems = await startSystems()
  const time = takeOverTime()
  return {
    project: loaded.project,
    systems,
    time,
    freshStore,
    async close() {
      time.restore()
      await systems.close()
    },
  }
}
