import type { Exchange, RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { Code } from '../errors/codes.ts'
import type { Specification } from '../mapping/types.ts'
import { createLedger } from '../run/ledger.ts'
import { createAdmissions } from './admissions.ts'
import { fingerprints } from './fingerprints.ts'
import { createLedgerStore } from './ledgerStore.ts'
import { createNotices } from './notices.ts'
import { placeIn } from './place.ts'
import { createRecords } from './records.ts'

/** What an exported step knows of its project. */
export interface Facts {
  /** Name of the collection. */
  readonly collection: string
  readonly workflow: string
  readonly trigger: 'webhook' | 'cron'
  /** No job runs before it: what an earlier run left in the state is not of this one. */
  readonly first: boolean
  /** No job runs after it. */
  readonly last: boolean
  readonly specification: Specification
}

type State = Readonly<Record<string, unknown>>

interface Alert {
  readonly code: Code
  readonly record?: string
}

export interface Step {
  readonly services: Exchange
  /** With which its operations begin. */
  readonly state: State
  /** Keeps what is open, then moves cursors. @throws Error at the end of a run that needs a person: it fails, and Lightning tells */
  end(state: unknown): Promise<State>
}

/** Opens what operations reach through `exchange()`, kept in a collection of Lightning. */
export async function startStep(state: State, facts: Facts): Promise<Step> {
  const place = placeIn(facts.collection, state.configuration)
  const now = () => new Date()
  const fingerprint = await fingerprints(place, state.configuration)
  const records = await createRecords(place, facts.workflow, now)
  const store = createLedgerStore(place)
  const outcomes = new Map<string, RecordOutcome>()
  const cursors = new Map<string, string>()
  const alerts: Alert[] = []
  const over: string[] = []
  const notices = createNotices(place, now)
  const alert = (code: Code, record?: string) => void alerts.push(record === undefined ? { code } : { code, record })

  const services: Exchange = {
    specification: facts.specification,
    now,
    admission: createAdmissions(),
    signal: neverAborted,
    lastAttempt: false,
    reason: facts.trigger === 'webhook' ? 'message' : 'tick',
    fingerprint,
    ledger: {
      ...createLedger({
        store,
        claim: noClaim,
        fingerprint,
        now,
        repeatsRefused: facts.trigger === 'webhook',
      }),
      over: (key) => void over.push(key),
    },
    cursor: {
      read: async (name) => cursorIn(await place.get(`cursor/${name}`)),
      write: async (name, value) => void cursors.set(name, value),
    },
    notices: notices.offered,
    waiting: async () => records.due(),
    deferred: async () => records.deferred(),
    outcome(record) {
      outcomes.set(record.key, record)
      if (record.alert === true) alert(record.code, record.key)
    },
    bug: () => alert('UNFORESEEN'),
    alert,
  }

  return {
    services,
    state: facts.first ? { ...state, records: [], alerts: [] } : state,
    async end(last) {
      const said = [...outcomes.values()]
      const settled = facts.trigger === 'cron' ? await records.settle(said) : said
      await notices.settle()
      for (const key of over) await store.over(key)
      // After what is open is kept, never before: a record between both would be lost.
      for (const [name, at] of cursors) await place.set(`cursor/${name}`, { at })
      return ended(isState(last) ? last : {}, { settled, alerts, facts })
    },
  }
}

interface Ending {
  readonly settled: readonly RecordOutcome[]
  readonly alerts: readonly Alert[]
  readonly facts: Facts
}

function ended(state: State, { settled, alerts, facts }: Ending): State {
  const before = listIn(state.records).filter(({ key }) => !settled.some((record) => record.key === key))
  const records = [
    ...before,
    ...settled.map(({ key, outcome, code, next }) => ({ key, outcome, code, ...(next === undefined ? {} : { next }) })),
  ]
  const all = [...listIn(state.alerts), ...alerts]
  if (!facts.last) return { ...state, records, alerts: all }
  const open = records.filter(
    ({ outcome, next }) =>
      outcome === 'in_doubt' || (outcome === 'waiting' && (next === 'person' || facts.trigger === 'webhook')),
  )
  const codes = [...new Set([...open, ...all].map(({ code }) => String(code)))]
  if (codes.length > 0) throw needsPerson(codes, facts)
  return { data: {}, records }
}

/** Lightning tells people of failed runs, and of nothing else. Codes alone: texts of errors are kept there. */
function needsPerson(codes: readonly string[], { workflow, trigger }: Facts): Error {
  const how =
    trigger === 'webhook'
      ? 'When it is mended, run this work order again from its first step: what was done is not done twice.'
      : 'When it is mended, later runs go on by themselves.'
  return new Error(`${workflow} needs a person: ${codes.join(', ')}. ${how}`)
}

/** One run a workflow at a time is what Lightning's concurrency is set to; nothing here can find out. */
const noClaim = { id: '', fence: 0 }

/** A run that takes too long is killed there, without a word to its jobs. */
const neverAborted = {
  aborted: false,
  reason: undefined,
  onabort: null,
  throwIfAborted: () => {},
  addEventListener: () => {},
  removeEventListener: () => {},
  dispatchEvent: () => false,
} satisfies AbortSignal

function cursorIn(value: unknown): string | undefined {
  return isState(value) && typeof value.at === 'string' ? value.at : undefined
}

function listIn(value: unknown): readonly State[] {
  return Array.isArray(value) ? value.filter(isState) : []
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
