import type { ActivityRow } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'
import type { AdminPorts } from './types.ts'

type Refused = 'unknown' | 'conflict'

/** What a person may do, by the API or by the page: the act itself, its line of activity, its line of the log. */
export interface Acts {
  /** `conflict`: the entry is not stuck, or its payload is gone. */
  replay(id: string, actor: string): Promise<'replayed' | Refused>
  discard(id: string, actor: string): Promise<'discarded' | Refused>
  /** `conflict`: the effect is settled already. */
  settle(key: string, arrived: boolean, actor: string): Promise<'settled' | Refused>
  /** Somebody outside was told what a notice says. `conflict`: it was done before. */
  tell(id: string, actor: string): Promise<'done' | Refused>
  /** `conflict`: the workflow starts with a message. While one of its runs is under way, the new one is queued. */
  ask(workflow: string, actor: string): Promise<{ readonly runId: string } | Refused>
}

export function createActs({ workflows, store, log, wake, now }: AdminPorts): Acts {
  return {
    async replay(id, actor) {
      const at = now()
      const result = await store.entries.replay(id, at, actor)
      if (result !== 'replayed') return result
      await noteEntry(id, 'replayed', at)
      log.info('entry replayed', { entry: id })
      wake(id)
      return result
    },
    async discard(id, actor) {
      const at = now()
      const result = await store.entries.discard(id, at, actor)
      if (result !== 'discarded') return result
      await noteEntry(id, 'discarded', at)
      log.info('entry discarded', { entry: id })
      return result
    },
    async settle(key, arrived, actor) {
      const at = now()
      if (!(await store.ledger.settle(key, arrived, at, actor))) {
        return (await store.ledger.find(key)) === undefined ? 'unknown' : 'conflict'
      }
      await note({ what: arrived ? 'settled as arrived' : 'settled as not arrived', record: key }, at)
      log.info('effect settled', { effect: key, outcome: arrived ? 'arrived' : 'not_arrived' })
      wake()
      return 'settled'
    },
    async tell(id, actor) {
      const at = now()
      const result = await store.notices.done(id, at, actor)
      if (result !== 'done') return result
      await note({ what: 'notice done', record: id }, at)
      log.info('notice done', { record: id })
      return result
    },
    async ask(workflow, actor) {
      const found = Object.hasOwn(workflows, workflow) ? workflows[workflow] : undefined
      if (found === undefined) return 'unknown'
      if (found.trigger.type === 'webhook') return 'conflict'
      const at = now()
      const locks = [workflowLock(store, workflow)]
      const { id, runId } = await store.entries.accept({ workflow, kind: 'manual', locks, now: at, askedBy: actor })
      await note({ what: 'run asked for', workflow, entry: id, run: runId }, at)
      wake(id)
      return { runId }
    },
  }

  async function noteEntry(id: string, what: string, at: Date): Promise<void> {
    const row = await store.entries.get(id)
    await note({ what, workflow: row?.workflow ?? null, entry: id }, at)
  }

  function note(row: Pick<ActivityRow, 'what'> & Partial<ActivityRow>, at: Date): Promise<void> {
    const nothing = { workflow: null, entry: null, run: null, record: null }
    return store.activity.add({ ...nothing, ...row, at: at.toISOString(), level: 'info' })
  }
}
