import type { ClaimedEntry, Fate, NewEntry, Outcome, RunEnd, Store } from '../../../src/store/types.ts'
import { later, minute, start } from '../place.ts'

/** Short sentences for tests about entries. */
export const message = (more: Partial<NewEntry> = {}): NewEntry => ({
  workflow: 'inbox',
  kind: 'webhook',
  payload: '{"child":"invented"}',
  locks: [],
  now: start,
  ...more,
})

export const claimFor = (store: Store, now = start, id?: string) =>
  store.entries.claim({ owner: store.owner, now, leaseMs: minute, ...(id === undefined ? {} : { id }) })

export async function claimed(store: Store, now = start, id?: string): Promise<ClaimedEntry> {
  const claim = await claimFor(store, now, id)
  if (claim === undefined) throw new Error('There was nothing to claim.')
  return claim
}

export const end = (fate: Fate, outcomes: Readonly<Record<string, Outcome>> = {}, now = later(1000)): RunEnd => ({
  state: 'success',
  records: Object.entries(outcomes).map(([key, outcome]) => ({ key, outcome, code: 'REMOTE_DOWN' })),
  fate,
  now,
  mappingVersion: 'v1',
})

/** A run of a cron workflow that says nothing but leaves this. */
export async function leave(
  store: Store,
  left: Pick<RunEnd, 'keep' | 'drop' | 'cursors' | 'alerts' | 'notices' | 'reminded' | 'over'>,
  { workflow = 'poll', now = start } = {},
): Promise<ClaimedEntry> {
  const { id } = await store.entries.accept({ workflow, kind: 'manual', locks: [], now })
  const claim = await claimed(store, now, id)
  await store.entries.settle(claim, { ...end(done, {}, now), ...left })
  return claim
}

export const done: Fate = { state: 'done' }
export const stuckKept: Fate = { state: 'stuck', code: 'RETRY_EXHAUSTED', payload: '{"open":"records"}' }
export const stuckErased: Fate = { state: 'stuck', code: 'FEEDBACK_REFUSED' }
/** Stuck, with an answer owed at that time. */
export const stuckUntil = (due: Date): Fate => ({
  state: 'stuck',
  code: 'RETRY_EXHAUSTED',
  payload: '{"open":"records"}',
  dueAt: due.toISOString(),
})
export const waitsUntil = (due: Date, payload?: string): Fate => ({
  state: 'waiting',
  code: 'REMOTE_DOWN',
  dueAt: due.toISOString(),
  ...(payload === undefined ? {} : { payload }),
})
