import type { Point } from './boundaries.ts'
import { type Before, beforehand, type Child, type EndState, endStateOf } from './endState.ts'
import type { Flow } from './flows.ts'
import type { Site } from './site.ts'

export interface Round {
  readonly child: Child
  readonly state: EndState
  readonly before: Before
  /** How many entries it became. */
  readonly entries: number
  /** Times it was asked for. */
  readonly asked: number
}

/**
 * One child's way. With a point the process is killed there and another one started; what had no answer is asked for again
 * once the store has come to rest, as its sender would.
 */
export async function round(site: Site, flow: Flow, number: number, point?: Point): Promise<Round> {
  const before = beforehand(site)
  const child = flow.begin(site, number)
  if (point !== undefined) await site.exchange().die({ at: point.moment, times: 1 })
  const answer = await flow.act(site, child)
  if (point !== undefined) {
    await site.exchange().death()
    await site.start()
  }
  await site.quiet()
  if (answer === undefined) {
    await flow.act(site, child)
    await site.quiet()
  }
  return {
    child,
    before,
    state: endStateOf(site, child, before),
    entries: site.rows(`select id from entries where seq > ${before.lastEntry}`).length,
    asked: answer === undefined ? 2 : 1,
  }
}
