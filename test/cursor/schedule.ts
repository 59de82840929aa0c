import * as fc from 'fast-check'
import type { Mishap } from './systems.ts'
import type { Change } from './world.ts'

/** Something that happens to both systems and the exchange, in this order. */
export interface Schedule {
  /** `settings.page_size`. */
  readonly pageSize: number
  /** Primero's clock against true time. */
  readonly primeroAheadMs: number
  readonly steps: readonly Step[]
}

export type Step =
  | ({ readonly do: 'register'; readonly count: number; readonly refers: boolean } & Times)
  /** A person saves a child's case; `child` counts from the newest and wraps around. */
  | ({ readonly do: 'save'; readonly child: number; readonly change: Change } & Times)
  | { readonly do: 'wait'; readonly ms: number }
  /** Our clock is set wrong, or right again. */
  | { readonly do: 'skew'; readonly ms: number }
  | Work

interface Times {
  /** Since the step before. */
  readonly afterMs: number
  /** Until readers see it. */
  readonly lateMs: number
}

/** The exchange runs until nothing is due. */
export interface Work {
  readonly do: 'work'
  readonly asked: readonly ('send-decisions' | 'send-referrals')[]
  /** By a person instead of the clock. */
  readonly byHand: boolean
  /** How long either system takes for one request. */
  readonly costMs: number
  /** Struck requests, counted from the first of this step. */
  readonly mishaps: readonly { readonly at: number; readonly times: number; readonly what: Mishap }[]
  /** Cases saved just before a request is answered. */
  readonly edits: readonly { readonly at: number; readonly child: number; readonly change: Change }[]
  /** The process ends at that request: told to, or killed. */
  readonly ends: { readonly at: number; readonly how: 'stopped' | 'killed' } | undefined
}

const hourMs = 3_600_000

/** Plain objects, so that a counterexample can be pasted. */
function record<T extends object>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(parts, { noNullPrototype: true }) as fc.Arbitrary<T>
}

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: record({ decision: fc.constantFrom('accepted', 'rejected', 'pending') }) },
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: record({ consent: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ revoked: true as const }) },
  { weight: 1, arbitrary: record({ owner: fc.constantFrom('cw1', 'cw2', null) }) },
)

const times = {
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 })),
  /** Half of the saves are seen at once; a slow commit takes up to half a minute. */
  lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30_000 })),
}

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  record({
    kind: fc.constant('answer'),
    status: fc.constantFrom(429, 503),
    retryAfterS: fc.constantFrom(1, 60, 9_999),
  }),
  record({ kind: fc.constant('answer'), status: fc.constantFrom(500, 502), applied: fc.boolean() }),
  record({ kind: fc.constantFrom('hang', 'reset'), applied: fc.boolean() }),
  record({ kind: fc.constant('half') }),
)

/** Requests of a step are struck early as well as late. */
const ordinal = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 80 }))

/** Single requests, or everything from some request on. */
const mishaps = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: fc.array(record({ at: ordinal, times: fc.constant(1), what: mishap }), { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.tuple(record({ at: ordinal, times: fc.constant(1_000), what: mishap })) },
)

const work: fc.Arbitrary<Work> = record({
  do: fc.constant('work'),
  asked: fc.subarray(['send-decisions', 'send-referrals'] as const, { minLength: 1 }),
  byHand: fc.boolean(),
  costMs: fc.constantFrom(0, 20, 300, 2_000),
  mishaps,
  edits: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(record({ at: ordinal, child: fc.nat(9), change }), { maxLength: 12 }) },
  ),
  ends: fc.option(record({ at: ordinal, how: fc.constantFrom('stopped', 'killed') }), {
    nil: undefined,
    freq: 6,
  }),
})

const registered = (count: fc.Arbitrary<number>) =>
  record({ do: fc.constant('register' as const), count, refers: fc.boolean(), ...times })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 50, arbitrary: registered(fc.integer({ min: 1, max: 4 })) },
  // A form is imported: sixty cases with one time.
  { weight: 1, arbitrary: registered(fc.constant(60)) },
  {
    weight: 50,
    arbitrary: record({ do: fc.constant('save' as const), child: fc.nat(9), change, ...times }),
  },
  { weight: 10, arbitrary: record({ do: fc.constant('wait' as const), ms: fc.nat(3 * hourMs) }) },
  {
    weight: 10,
    arbitrary: record({ do: fc.constant('skew' as const), ms: fc.integer({ min: -24 * hourMs, max: 24 * hourMs }) }),
  },
  { weight: 60, arbitrary: work },
)

export const schedules: fc.Arbitrary<Schedule> = record({
  pageSize: fc.constantFrom(1, 2, 3, 5, 20, 1000),
  primeroAheadMs: fc.constantFrom(0, -300_000, 7_000),
  steps: fc.array(step, { minLength: 3, maxLength: 14 }),
})
