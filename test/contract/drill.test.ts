import { expect, test } from 'vitest'
import { incidents } from '../../src/cli/drill/incidents.ts'
import { playIncident } from '../../src/cli/drill/play.ts'
import type { DrillStage } from '../../src/cli/drill/stage.ts'
import { repository } from './site.ts'

interface Mistake {
  readonly what: string
  readonly make: (stage: DrillStage) => Promise<unknown>
  /** The right act mends it afterwards. */
  readonly mendable: boolean
}

const first = async <T>(rows: Promise<readonly T[]>): Promise<T> => (await rows)[0] as T

/** What somebody might do instead, incident by incident. */
const mistakes: readonly Mistake[] = [
  {
    what: 'discards the entry',
    make: async (stage) => {
      const { id } = await first(stage.list<{ id: string }>('entries', '/api/entries?state=stuck'))
      return stage.command('inbox', 'discard', id)
    },
    mendable: false,
  },
  {
    what: 'starts it again with the old password',
    make: async (stage) => {
      await stage.stop()
      await stage.start()
    },
    mendable: true,
  },
  {
    what: 'replays without closing the gap',
    make: async (stage) => {
      const { id } = await first(stage.list<{ id: string }>('entries', '/api/entries?state=stuck'))
      return stage.command('inbox', 'replay', id)
    },
    mendable: true,
  },
  {
    what: 'settles without asking UNHCR, and it is sent again',
    make: async (stage) => {
      const { key } = await first(stage.list<{ key: string }>('effects', '/api/effects?state=in_doubt'))
      return stage.command('ledger', 'settle', key, '--not-arrived')
    },
    mendable: false,
  },
  { what: 'makes no call', make: async () => {}, mendable: true },
  {
    what: 'says that nothing had arrived, so that all of it is sent again',
    make: (stage) => stage.command('ledger', 'settle', '--forgotten', '--not-arrived'),
    mendable: false,
  },
]

test.each(incidents.map((incident, index) => ({ ...incident, index, mistake: mistakes[index] })))(
  'drill, $title: who $mistake.what has not solved it; the right act does, where it is not too late',
  { timeout: 300_000 },
  async ({ index, mistake }) => {
    const incident = incidents[index]
    if (incident === undefined || mistake === undefined) throw new Error('Each incident has its mistake.')
    let tries = 0

    const score = await playIncident(repository, incident, async (stage, scene) => {
      tries += 1
      if (tries === 1) await mistake.make(stage)
      else if (mistake.mendable && tries === 2) await scene.act()
      else return 'given up'
      return 'done'
    })

    expect(score).toEqual({ title: incident.title, tries: mistake.mendable ? 2 : 0, solved: mistake.mendable })
  },
)
