import type { Entries, EntryState } from '../store/types.ts'

/** `done` is not counted: it only grows, and counting it would read the whole history each time. */
export const unfinishedStates = ['waiting', 'running', 'stuck'] as const satisfies readonly EntryState[]

export type Counts = Readonly<Record<(typeof unfinishedStates)[number], number>>

const perPage = 500

/** How many entries are not done, by state. */
export async function countUnfinished(entries: Pick<Entries, 'list'>): Promise<Counts> {
  const [waiting, running, stuck] = await Promise.all(unfinishedStates.map((state) => count(entries, state)))
  return { waiting: waiting ?? 0, running: running ?? 0, stuck: stuck ?? 0 }
}

async function count(entries: Pick<Entries, 'list'>, state: EntryState): Promise<number> {
  let total = 0
  let before: string | undefined
  for (;;) {
    const rows = await entries.list({ state, limit: perPage, ...(before === undefined ? {} : { before }) })
    total += rows.length
    before = rows.at(-1)?.id
    if (rows.length < perPage || before === undefined) return total
  }
}
