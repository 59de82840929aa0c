import { ExchangeError } from '../errors/ExchangeError.ts'
import type { ClaimedEntry, EffectRow, LedgerStore, Witness } from '../store/types.ts'

interface Options {
  readonly repeat: 'harmless' | 'harmful'
  readonly fact?: unknown
  readonly detail?: string
  readonly witnessed?: boolean
}

type Result<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'repeated' | 'changed'; readonly row: SeenRow }

interface SeenRow {
  readonly key: string
  readonly state: EffectRow['state']
  readonly fingerprint?: string
  readonly detail?: string
}

export interface LedgerPorts {
  readonly store: Omit<LedgerStore, 'list'>
  /** Effects are begun under it only. */
  readonly claim: Pick<ClaimedEntry, 'id' | 'fence'>
  readonly fingerprint: (value: unknown) => string
  readonly now: () => Date
  /** Absent: nothing survives this store, as in a dry run. */
  readonly witness?: Witness | undefined
  /** A fact that was refused is told again only when somebody asks for it, not by the clock. */
  readonly repeatsRefused: boolean
}

/**
 * Effects on other systems, each with an intent written before and an outcome after.
 *
 * The order is the point: a crash between intent and outcome leaves `intent`, which says that the effect may have
 * happened. Where a repeat is harmless it is done again; where not, it becomes `in_doubt` and waits for a person.
 */
export function createLedger({ store, claim, fingerprint, now, witness, repeatsRefused }: LedgerPorts) {
  const timed = (row: Omit<EffectRow, 'updated_at'>) => ({ ...row, updated_at: now().toISOString() })
  const write = (row: Omit<EffectRow, 'updated_at'>) => store.write(timed(row))

  async function once<T>(
    key: string,
    options: Options,
    effect: () => Promise<{ value: T; detail?: string }>,
  ): Promise<Result<T>> {
    const print = options.fact === undefined ? null : fingerprint(options.fact)
    const before = await store.find(key)
    if (before?.state === 'done') {
      return { is: before.fingerprint === print ? 'repeated' : 'changed', row: seen(before) }
    }
    if (options.repeat === 'harmful') {
      if (await isInDoubt(before)) throw inDoubt()
      // A process that was frozen ended it just now.
      if (before?.state === 'intent') return once(key, options, effect)
    }
    const begun = options.detail ?? null
    const intent = timed({ key, state: 'intent', fingerprint: print, detail: begun })
    const witnessed = options.witnessed === true
    if (witnessed) await refuseForgotten()
    if (!(await store.begin(claim, intent, { witnessed }))) throw leaseLost()
    const { value, detail } = await begin().catch(async (error: unknown) => {
      const state = stateAfter(error, options.repeat)
      await write({ key, state, fingerprint: print, detail: begun })
      throw state === 'in_doubt' ? inDoubt(error) : error
    })
    // Where the store fails now, the intent stays: what happened is never taken for what did not.
    await write({ key, state: 'done', fingerprint: print, detail: detail ?? begun })
    return { is: 'done', value }

    async function begin() {
      // Before the effect, so that no restored store is ignorant of one that happened.
      if (witnessed) await witness?.keep().catch(notWitnessed)
      return effect()
    }
  }

  /** A store that was restored goes on when a person has said what became of everything it had forgotten. */
  async function refuseForgotten(): Promise<void> {
    await witness?.keep().catch(notWitnessed)
    const forgotten = (await witness?.unsettled()) ?? []
    if (forgotten.length > 0) throw restored(forgotten.length)
  }

  /** An effect that a run began and did not live to end is in doubt from now on. */
  async function isInDoubt(row: EffectRow | undefined): Promise<boolean> {
    if (row?.state !== 'intent') return row?.state === 'in_doubt'
    await write({ ...row, state: 'in_doubt' })
    return (await store.find(row.key))?.state === 'in_doubt'
  }

  return {
    once,
    async tell<T>(subject: string, fact: unknown, effect: () => Promise<T>): Promise<Result<T>> {
      const print = fingerprint(fact)
      const last = await store.last(subject)
      const same = last?.fingerprint === print
      if (last !== undefined && same && (last.state === 'done' || (last.state === 'refused' && !repeatsRefused))) {
        return { is: 'repeated', row: seen(last) }
      }
      // A number whose fact never left may carry the new fact; any other number keeps the fact it was used for.
      const n = last === undefined ? 1 : same || last.state === 'not_reached' ? last.n : last.n + 1
      return once(`${subject}/${n}`, { repeat: 'harmless', fact }, async () => ({ value: await effect() }))
    },
    async told(subject: string, fact: unknown): Promise<boolean> {
      const last = await store.last(subject)
      return last?.state === 'done' && last.fingerprint === fingerprint(fact)
    },
    async find(key: string): Promise<SeenRow | undefined> {
      const row = await store.find(key)
      return row === undefined ? undefined : seen(row)
    },
    done: (keys: readonly string[]) => store.done(keys),
    begun: async (prefix: string) => (await store.begun(prefix)).map(seen),
    watched: async (prefix: string) => (await store.watched(prefix)).map(seen),
    isInDoubt: async (key: string) => isInDoubt(await store.find(key)),
    settle: (key: string, arrived: boolean) => store.settle(key, arrived, now()),
  }
}

function seen(row: EffectRow): SeenRow {
  return {
    key: row.key,
    state: row.state,
    ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
    ...(row.detail === null ? {} : { detail: row.detail }),
  }
}

function stateAfter(error: unknown, repeat: 'harmless' | 'harmful'): EffectRow['state'] {
  const reach = error instanceof ExchangeError ? error.reach : 'unsure'
  if (reach === 'refused' || reach === 'not_reached') return reach
  if (reach === undefined) return 'not_reached' // our own check stopped it before anything was sent
  return repeat === 'harmless' ? 'intent' : 'in_doubt'
}

/** @throws what the store threw, or STORE_UNAVAILABLE for the file; nothing was begun then */
function notWitnessed(cause: unknown): never {
  if (cause instanceof ExchangeError) throw cause
  throw new ExchangeError('The witness could not be written, so nothing was sent.', {
    code: 'STORE_UNAVAILABLE',
    retry: 'later',
    reach: 'not_reached',
    hint: 'Look at the disk of the file that WITNESS_PATH names.',
    cause,
  })
}

function restored(count: number): ExchangeError {
  return new ExchangeError(`The store is older than its witness: it had forgotten ${count} effects.`, {
    code: 'STORE_RESTORED',
    retry: 'later',
    reach: 'not_reached',
    hint: 'Settle each of `exchange ledger list --state in_doubt` first: exchange ledger settle KEY --arrived or --not-arrived.',
  })
}

function leaseLost(): ExchangeError {
  return new ExchangeError('Another process took this entry over; nothing was sent.', {
    code: 'LEASE_LOST',
    retry: 'later',
  })
}

function inDoubt(cause?: unknown): ExchangeError {
  return new ExchangeError('It was sent, but no answer came: it may have arrived.', {
    code: 'IN_DOUBT',
    retry: 'never',
    reach: 'unsure',
    hint: 'Ask the other side, then: exchange ledger settle KEY --arrived or --not-arrived.',
    cause,
  })
}
