import { beforeAll, describe, expect, test } from 'vitest'
import { isUnderWay, type Point } from './boundaries.ts'
import { type EndState, endStateOf } from './endState.ts'
import type { Flow } from './flows.ts'
import { type Round, round } from './round.ts'
import type { Site } from './site.ts'

interface Suite {
  readonly flow: Flow
  readonly points: readonly Point[]
  /** The same message again is the same entry; else it is another one, which finds everything done. */
  readonly repeatable: boolean
  /**
   * Listed, where a post to DTP was under way: a feedback or a decision is told once more with the same body; a new
   * referral is in doubt, and not sent again until somebody knows whether it arrived.
   */
  readonly cutOff?: 'told again' | 'in doubt'
}

/** Five digits that nothing else has. */
let number = 70_000

/** Kills the exchange at every point, each time with another child under way, and compares with what is left without faults. */
export function endsAsWithoutFaults(name: string, { flow, points, repeatable, cutOff }: Suite, site: () => Site): void {
  describe(`${name}, killed`, () => {
    const numbers = Array.from({ length: points.length + 1 }, () => ++number)
    let faultless: EndState
    beforeAll(async () => {
      await flow.prepare(site(), numbers)
      faultless = (await round(site(), flow, numbers.pop() ?? 0)).state
      expect(faultless).toMatchObject({ told: faultless.dtp.map(() => 1), leftovers: 0, records: [], alerts: [] })
    })

    test.each(points)('$title: all is as without', async (point) => {
      const killed = await round(site(), flow, numbers.pop() ?? 0, point)

      const { state, asked, entries } = killed
      const differs = isUnderWay(point) && point.moment.endsWith('dtp') ? cutOff : undefined
      if (differs === 'in doubt') await settled(site(), killed, faultless)
      else expect({ ...state, told: [], outcomes: [] }).toEqual({ ...faultless, told: [], outcomes: [] })
      // Listed: the run that did it was cut off before its end, and the next one found nothing to do.
      if (differs === undefined) expect(faultless.outcomes).toEqual(expect.arrayContaining([...state.outcomes]))
      expect(Math.max(0, ...state.told)).toBeLessThanOrEqual(differs === 'told again' ? 2 : 1)
      expect(entries).toBeLessThanOrEqual(repeatable ? 1 : asked)
    })
  })
}

async function settled(site: Site, { child, state, before }: Round, faultless: EndState): Promise<void> {
  const key = child.referralId
  const effect = `dtp/referral/${key}`
  const arrived = state.told.length > 0
  expect(state).toMatchObject({
    effects: [{ key: 'dtp/referral/<id>', state: 'in_doubt' }],
    records: [{ key: '<id>', outcome: 'in_doubt', code: 'IN_DOUBT', due: 0 }],
    alerts: [{ what: 'IN_DOUBT', record: '<id>' }],
    told: arrived ? [1] : [],
  })

  await site.settle(effect, arrived)
  await site.quiet()

  const after = endStateOf(site, child, before)
  const { effects, alerts, entries, outcomes } = after
  expect(after).toEqual({ ...faultless, effects, alerts, entries, outcomes })
  expect(effects).toMatchObject([{ key: 'dtp/referral/<id>', state: 'done' }])
}
