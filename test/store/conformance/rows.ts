import { describe, expect, test } from 'vitest'
import type { EffectRow, NewNotice, OpenRecord } from '../../../src/store/types.ts'
import type { Given } from '../conformance.ts'
import { later, minute, start } from '../place.ts'
import { claimed, done, end, leave, message } from './words.ts'

const record = (key: string, more: Partial<OpenRecord> = {}): OpenRecord => ({
  key,
  outcome: 'waiting',
  code: 'REMOTE_DOWN',
  ids: { effect: 'system/referral/1' },
  attempt: 1,
  due_at: start.toISOString(),
  since: start.toISOString(),
  ...more,
})
const effect = (key: string, more: Partial<EffectRow> = {}): EffectRow => ({
  key,
  state: 'intent',
  fingerprint: null,
  detail: null,
  updated_at: start.toISOString(),
  ...more,
})

export function rowClaims(given: () => Given): void {
  describe('kept records', () => {
    test('are replaced by workflow and key, and dropped by key', async () => {
      const { store } = given()
      const again = record('a', { attempt: 2, ids: { case: '7' }, due_at: null })
      await leave(store, { keep: [record('a')] })
      await leave(store, { keep: [again] })
      await leave(store, { keep: [record('a')] }, { workflow: 'other' })

      expect(await store.records.get('poll', 'a')).toEqual({ workflow: 'poll', ...again, not_before: null })
      await leave(store, { drop: ['a', 'unknown'] })
      expect(await store.records.get('poll', 'a')).toBeUndefined()
      expect(await store.records.get('other', 'a')).toEqual({ workflow: 'other', ...record('a'), not_before: null })
    })

    test('are due in the order of their times, and those that wait for a person never', async () => {
      const { store } = given()
      const { records } = store
      await leave(store, { keep: [record('b', { due_at: later(minute).toISOString() }), record('a')] })
      await leave(store, { keep: [record('c', { due_at: null, outcome: 'in_doubt' })] }, { workflow: 'other' })

      expect((await records.due('poll', start)).map(({ key }) => key)).toEqual(['a'])
      expect((await records.due('poll', later(minute))).map(({ key }) => key)).toEqual(['a', 'b'])
      expect(await records.dueWorkflows(later(minute))).toEqual(['poll'])
      expect(await records.nextDue()).toBe(start.toISOString())
      expect((await records.list({ outcome: 'in_doubt' })).map(({ key }) => key)).toEqual(['c'])
      expect(await records.list({ limit: 2 })).toHaveLength(2)
    })
  })

  describe('ledger', () => {
    test('a row is written over by its key', async () => {
      const { ledger } = given().store
      await ledger.write(effect('system/referral/x'))
      await ledger.write(effect('system/referral/x', { state: 'done', fingerprint: 'f', detail: '204' }))

      expect(await ledger.find('system/referral/x')).toEqual(
        effect('system/referral/x', { state: 'done', fingerprint: 'f', detail: '204' }),
      )
      expect(await ledger.find('system/referral/y')).toBeUndefined()
    })

    test('what was done stays done, whatever a process that lost its claim says later', async () => {
      const { ledger } = given().store
      const done = effect('system/referral/x', { state: 'done', fingerprint: 'f', detail: '204' })
      await ledger.write(done)

      for (const state of ['intent', 'not_reached', 'refused', 'in_doubt'] as const) {
        await ledger.write(effect('system/referral/x', { state }))
      }

      expect(await ledger.find('system/referral/x')).toEqual(done)
    })

    test('the last of a subject is the highest number, not the last written or the last by letters', async () => {
      const { ledger } = given().store
      for (const n of [1, 10, 2, 9]) await ledger.write(effect(`feedback/i/${n}`, { detail: `${n}` }))
      await ledger.write(effect('feedback/i2/99'))

      expect(await ledger.last('feedback/i')).toEqual({ ...effect('feedback/i/10', { detail: '10' }), n: 10 })
      expect(await ledger.last('feedback')).toBeUndefined()
    })

    test('tells which of many keys are done', async () => {
      const { ledger } = given().store
      await ledger.write(effect('a', { state: 'done' }))
      await ledger.write(effect('b', { state: 'in_doubt' }))
      const many = Array.from({ length: 1200 }, (_, i) => `k${i}`)

      expect(await ledger.done([...many, 'b', 'a'])).toEqual(new Set(['a']))
      expect(await ledger.done([])).toEqual(new Set())
    })

    test('tells which effects of a kind were begun and not ended', async () => {
      const { ledger } = given().store
      for (const key of ['kind/b', 'kind/a', 'kinds/c']) await ledger.write(effect(key, { detail: key }))
      await ledger.write(effect('kind/d', { state: 'done' }))

      expect(await ledger.begun('kind/')).toEqual(['kind/a', 'kind/b'].map((key) => effect(key, { detail: key })))
    })

    test('lists the latest first, by state and page, ties by key', async () => {
      const { ledger } = given().store
      for (const key of ['a', 'b', 'c']) await ledger.write(effect(key, { state: 'in_doubt' }))
      await ledger.write(effect('d', { updated_at: later(1).toISOString() }))
      const keys = async (options: Parameters<typeof ledger.list>[0]) =>
        (await ledger.list(options)).map(({ key }) => key)

      expect(await keys({})).toEqual(['d', 'c', 'b', 'a'])
      expect(await keys({ limit: 2, before: 'd' })).toEqual(['c', 'b'])
      expect(await keys({ state: 'in_doubt', before: 'b' })).toEqual(['a'])
      expect(await keys({ before: 'unknown' })).toEqual([])
    })

    test('a person settles once what is in doubt or has no outcome', async () => {
      const { ledger } = given().store
      await ledger.write(effect('arrived', { state: 'in_doubt' }))
      await ledger.write(effect('lost'))
      await ledger.write(effect('refused', { state: 'refused' }))

      expect(await ledger.settle('arrived', true, later(1))).toBe(true)
      expect(await ledger.settle('lost', false, later(1))).toBe(true)
      expect(await ledger.settle('arrived', false, later(2))).toBe(false)
      expect(await ledger.settle('refused', true, later(1))).toBe(false)
      expect(await ledger.settle('unknown', true, later(1))).toBe(false)
      expect(await ledger.find('arrived')).toMatchObject({ state: 'done', updated_at: later(1).toISOString() })
      expect(await ledger.find('lost')).toMatchObject({ state: 'not_reached' })
    })

    test('an effect is begun under a claim that is held, and under no other', async () => {
      const { store } = given()
      await store.entries.accept(message())
      const lost = await claimed(store)
      const held = await claimed(store, later(2 * minute))

      expect(await store.ledger.begin(lost, effect('late'))).toBe(false)
      expect(await store.ledger.begin(held, effect('timely'))).toBe(true)
      await store.entries.settle(held, end(done))
      expect(await store.ledger.begin(held, effect('too late'))).toBe(false)

      expect((await store.ledger.list({})).map(({ key }) => key)).toEqual(['timely'])
    })
  })

  describe('effects that must never be made twice', () => {
    const begin = async (key: string, more: Partial<EffectRow> = {}) => {
      const { store } = given()
      const { id } = await store.entries.accept({ workflow: 'poll', kind: 'manual', locks: [], now: start })
      const claim = await claimed(store, start, id)
      return store.ledger.begin(claim, effect(key, more), { witnessed: true })
    }

    test('are numbered as they are begun, again and again, each sealed with the one before', async () => {
      const { sent } = given().store
      for (const key of ['a', 'b', 'a']) await begin(key, { detail: `case of ${key}` })

      const rows = await sent.since(1)
      expect(rows.map(({ n, key, detail, at }) => [n, key, detail, at])).toEqual([
        [1, 'a', 'case of a', start.toISOString()],
        [2, 'b', 'case of b', start.toISOString()],
        [3, 'a', 'case of a', start.toISOString()],
      ])
      expect(new Set(rows.map(({ head }) => head)).size).toBe(3)
      expect((await sent.since(3)).map(({ n }) => n)).toEqual([3])
      expect(await sent.unsettled()).toEqual([])
    })

    test('are not in the list under a claim that was lost', async () => {
      const { store } = given()
      await store.entries.accept(message())
      const lost = await claimed(store)
      await claimed(store, later(2 * minute))

      expect(await store.ledger.begin(lost, effect('late'), { witnessed: true })).toBe(false)
      expect(await store.sent.since(0)).toEqual([])
    })

    test('that had been forgotten are in doubt until settled; what is known as done stays done', async () => {
      const { sent, ledger } = given().store
      await ledger.write(effect('known', { state: 'done' }))
      await ledger.write(effect('failed', { state: 'not_reached', detail: 'own' }))

      await sent.remember(
        ['known', 'failed', 'forgotten'].map((key) => ({ key, detail: 'theirs' })),
        later(minute),
      )

      expect(await sent.unsettled()).toEqual(['failed', 'forgotten'])
      expect(await ledger.find('known')).toMatchObject({ state: 'done' })
      expect(await ledger.find('failed')).toMatchObject({ state: 'in_doubt', detail: 'own' })
      expect(await ledger.find('forgotten')).toMatchObject({ state: 'in_doubt', detail: 'theirs' })
      await ledger.settle('failed', false, later(minute))
      await ledger.settle('forgotten', true, later(minute))
      expect(await sent.unsettled()).toEqual([])
    })

    test('are watched while they may have happened, until they are over', async () => {
      const { store } = given()
      for (const [key, state] of [
        ['kind/1', 'done'],
        ['kind/2', 'in_doubt'],
        ['kind/3', 'refused'],
        ['kind/4', 'intent'],
        ['kind/5', 'not_reached'],
        ['other/6', 'done'],
      ] as const)
        await store.ledger.write(effect(key, { state }))
      const watched = async () => (await store.ledger.watched('kind/')).map(({ key }) => key)

      expect(await watched()).toEqual(['kind/1', 'kind/2'])
      await leave(store, { over: ['kind/2', 'unknown'] })
      expect(await watched()).toEqual(['kind/1'])
      await store.ledger.settle('kind/2', true, later(1))
      expect(await watched()).toEqual(['kind/1'])
    })
  })

  describe('notices', () => {
    const notice = (id: string, more: Partial<NewNotice> = {}): NewNotice => ({
      id,
      case_number: 'case-7',
      withdrawn_on: '2026-11-22',
      services: ['one', 'two'],
      tell: 'the focal point',
      opened_at: start.toISOString(),
      due_at: later(24 * 60 * minute).toISOString(),
      ...more,
    })
    const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)

    test('are opened by the end of a run, listed newest first, by state and page', async () => {
      const { store } = given()
      await leave(store, { notices: [notice('a'), notice('b', { opened_at: later(1).toISOString() }), notice('c')] })
      await store.notices.done('a', later(minute))

      expect(await store.notices.list({ limit: 1 })).toEqual([
        { ...notice('b', { opened_at: later(1).toISOString() }), done_at: null },
      ])
      expect(ids(await store.notices.list({}))).toEqual(['b', 'c', 'a'])
      expect(ids(await store.notices.list({ before: 'b' }))).toEqual(['c', 'a'])
      expect(ids(await store.notices.list({ state: 'open' }))).toEqual(['b', 'c'])
      expect(await store.notices.list({ state: 'done' })).toEqual([
        { ...notice('a'), done_at: later(minute).toISOString() },
      ])
      expect(await store.notices.list({ before: 'unknown' })).toEqual([])
    })

    test('are done once, and that is in the audit log', async () => {
      const { store } = given()
      await leave(store, { notices: [notice('a')] })

      expect(await store.notices.done('a', start, 'a person')).toBe('done')
      expect(await store.notices.done('a', start)).toBe('conflict')
      expect(await store.notices.done('unknown', start)).toBe('unknown')
      expect((await store.audit.list({}))[0]).toMatchObject({ act: 'notice done', actor: 'a person', object: 'a' })
    })

    test('are overdue from their hour on, and again 24 hours after a reminder', async () => {
      const { store } = given()
      const { notices } = store
      const day = 24 * 60 * minute
      await leave(store, { notices: [notice('a'), notice('b', { due_at: later(2 * day).toISOString() })] })
      await notices.done('b', start)

      expect(await notices.overdue(later(day - 1))).toEqual([])
      expect(ids(await notices.overdue(later(day)))).toEqual(['a'])
      await leave(store, { reminded: ['a', 'unknown'] }, { now: later(day) })
      expect(await notices.overdue(later(2 * day - 1))).toEqual([])
      expect(ids(await notices.overdue(later(2 * day)))).toEqual(['a'])
    })
  })

  describe('records in doubt about an effect', () => {
    const doubt = (key: string, effectKey: string) =>
      record(key, { outcome: 'in_doubt', code: 'IN_DOUBT', due_at: null, ids: { effect: effectKey } })
    const states = async () =>
      (await given().store.records.list({})).map(({ key, outcome, due_at }) => ({ key, outcome, due_at }))

    test('go when it arrived, are due at once when it did not, and no others are touched', async () => {
      const { store } = given()
      for (const key of ['e/1', 'e/2', 'e/3']) await store.ledger.write(effect(key, { state: 'in_doubt' }))
      await leave(store, { keep: [doubt('arrived', 'e/1'), doubt('lost', 'e/2'), doubt('unknown', 'e/3')] })

      await store.ledger.settle('e/1', true, later(minute))
      await store.ledger.settle('e/2', false, later(minute))

      expect(await states()).toEqual([
        { key: 'lost', outcome: 'waiting', due_at: later(minute).toISOString() },
        { key: 'unknown', outcome: 'in_doubt', due_at: null },
      ])
      expect(await store.records.get('poll', 'lost')).toMatchObject({ attempt: 1, since: later(minute).toISOString() })
    })

    test('follow a person who settled it while the run was still under way', async () => {
      const { store } = given()
      for (const key of ['e/1', 'e/2']) await store.ledger.write(effect(key, { state: 'in_doubt' }))
      await store.ledger.settle('e/1', true, start)
      await store.ledger.settle('e/2', false, start)

      await leave(store, { keep: [doubt('arrived', 'e/1'), doubt('lost', 'e/2')] }, { now: later(minute) })

      expect(await states()).toEqual([{ key: 'lost', outcome: 'waiting', due_at: later(minute).toISOString() }])
    })

    test('go when the process that was believed dead reports that it arrived', async () => {
      const { store } = given()
      await store.ledger.write(effect('e/1', { state: 'in_doubt' }))
      await leave(store, { keep: [doubt('arrived', 'e/1')] })

      await store.ledger.write(effect('e/1', { state: 'done' }))

      expect(await states()).toEqual([])
    })
  })

  describe('cursors, activity and stops', () => {
    test('a cursor moves from where it is believed to be, or not at all', async () => {
      const { cursors } = given().store

      expect(await cursors.move({ name: 'cases', from: 'one', to: 'two' }, start)).toBe(false)
      expect(await cursors.move({ name: 'cases', from: undefined, to: 'two' }, start)).toBe(true)
      expect(await cursors.move({ name: 'cases', from: undefined, to: 'three' }, start)).toBe(false)
      expect(await cursors.move({ name: 'cases', from: 'two', to: 'three' }, start)).toBe(true)

      expect(await cursors.read('cases')).toBe('three')
    })

    test('a cursor is read as it was written last', async () => {
      const { cursors } = given().store
      expect(await cursors.read('cases')).toBeUndefined()
      await cursors.write('cases', 'one', start)
      await cursors.write('cases', 'two', later(1))

      expect(await cursors.read('cases')).toBe('two')
    })

    test('activity is listed with the latest first', async () => {
      const { activity } = given().store
      const row = { at: start.toISOString(), workflow: null, entry: null, run: null, record: null }
      await activity.add({ ...row, level: 'info', what: 'replayed', entry: 'e' })
      await activity.add({ ...row, level: 'alert', what: 'RETRY_EXHAUSTED' })

      const [latest, first] = await activity.list({})
      expect(latest).toMatchObject({ level: 'alert', what: 'RETRY_EXHAUSTED', entry: null })
      expect(first).toMatchObject({ level: 'info', what: 'replayed', entry: 'e' })
      expect((latest?.id ?? 0) > (first?.id ?? 0)).toBe(true)
      expect(await activity.list({ level: 'info', limit: 5 })).toHaveLength(1)
    })

    test('refused credentials are stopped for every process, and no others', async () => {
      const { store, open } = given()
      const another = await open()
      await store.stops.stop('account', 'print', start)

      expect(await another.stops.stopped('account', 'print')).toEqual({ at: start.toISOString(), refusals: 1 })
      expect(await another.stops.stopped('account', 'print 2')).toBeUndefined()
      expect(await another.stops.stopped('another', 'print')).toBeUndefined()
    })

    test('a stop is lifted by whoever begins after it, so often that the account is not locked', async () => {
      const { stops } = given().store
      const rules = { mostRefusals: 3, forgetBefore: later(-minute) }
      const refusalsAfter = async (stoppedBefore: Date, forgetBefore = rules.forgetBefore) => {
        await stops.lift('account', 'print', { ...rules, stoppedBefore, forgetBefore })
        return (await stops.stopped('account', 'print'))?.refusals
      }

      await stops.stop('account', 'print', later(1))
      expect(await refusalsAfter(start)).toBe(1)
      expect(await refusalsAfter(later(2))).toBeUndefined()
      for (const at of [3, 4]) await stops.stop('account', 'print', later(at))
      expect(await refusalsAfter(later(5))).toBe(3)
      expect(await refusalsAfter(later(5), later(5))).toBeUndefined()
    })

    test('credentials that were accepted again may be refused as often as new ones', async () => {
      const { stops } = given().store
      const rules = { mostRefusals: 3, forgetBefore: later(-minute), stoppedBefore: later(minute) }
      for (const _ of [1, 2]) await stops.stop('account', 'print', start)
      await stops.lift('account', 'print', rules)
      await stops.accept('account', 'print', later(1))
      await stops.stop('account', 'print', later(2))

      expect(await stops.stopped('account', 'print')).toMatchObject({ refusals: 1 })
    })

    test('an answer that comes after a refusal does not lift the stop', async () => {
      const { stops } = given().store
      await stops.stop('account', 'print', start)

      await stops.accept('account', 'print', later(1))

      expect(await stops.stopped('account', 'print')).toMatchObject({ refusals: 1 })
      expect(await stops.accepted('account', 'print')).toBe(false)
    })

    test('credentials count as accepted for every process, until one is refused or it is long ago', async () => {
      const { store, open } = given()
      const another = await open()
      const rules = { mostRefusals: 3, stoppedBefore: later(minute) }
      expect(await another.stops.accepted('account', 'print')).toBe(false)

      await store.stops.accept('account', 'print', start)
      expect(await another.stops.accepted('account', 'print')).toBe(true)
      expect(await another.stops.stopped('account', 'print')).toBeUndefined()
      await another.stops.lift('account', 'print', { ...rules, forgetBefore: start })
      expect(await another.stops.accepted('account', 'print')).toBe(true)
      await another.stops.lift('account', 'print', { ...rules, forgetBefore: later(1) })
      expect(await store.stops.accepted('account', 'print')).toBe(false)

      await store.stops.accept('account', 'print', start)
      await another.stops.stop('account', 'print', later(2))
      expect(await store.stops.accepted('account', 'print')).toBe(false)
    })

    test('new credentials take the place of those that were refused', async () => {
      const { stops } = given().store
      await stops.stop('account', 'old', start)

      expect(await stops.replace('account', 'new')).toBe(true)
      expect(await stops.replace('account', 'new')).toBe(false)
      expect(await stops.stopped('account', 'old')).toBeUndefined()
    })

    test('a store that can be written says so', async () => {
      const { store } = given()

      await expect(store.check()).resolves.toBeUndefined()
      await expect(store.tidy()).resolves.toBeUndefined()
    })
  })
}
