import { expect, test } from 'vitest'
import type { State } from '../../src/run/types.ts'
import { running } from './running.ts'

const keep = (state: State) => state
const read = (into: unknown[]) => (state: State) => {
  into.push(structuredClone(state))
  return state
}

test('a step gets its own configuration, and hands on neither that nor the last answer', async () => {
  const seen: State[] = []

  const { final } = await running({
    credential: 'dtp',
    jobs: { a: [(state) => ({ ...state, response: { body: 'names' } })], b: [read(seen)] },
    edges: ['trigger->a', 'a->b'],
    input: { data: { n: 1 } },
    options: { configurationOf: (key) => ({ of: key }) },
  })

  expect(seen).toEqual([{ data: { n: 1 }, configuration: { of: 'dtp' } }])
  expect(final).toEqual({ data: { n: 1 } })
})

test('a configuration in the input never reaches a step', async () => {
  const seen: State[] = []

  await running({
    credential: 'dtp',
    jobs: { a: [read(seen)] },
    edges: ['trigger->a'],
    input: { data: {}, configuration: { tls: { rejectUnauthorized: false } } },
  })

  expect(seen).toEqual([{ data: {}, configuration: { password: 'secret' } }])
})

test('a step without a credential has an empty configuration', async () => {
  const seen: State[] = []

  await running({ jobs: { a: [read(seen)] }, edges: ['trigger->a'] })

  expect(seen).toEqual([{ data: {}, configuration: {} }])
})

test.each([
  ['a list', [1, 2], [1, 2]],
  ['a text', 'x', 'x'],
  ['a number', 5, 5],
  ['null', null, {}],
  ['nothing', undefined, {}],
  ['an object', { a: 1 }, { a: 1 }],
])('data that is %s reaches the job as OpenFn assembles it', async (_, data, expected) => {
  const seen: State[] = []

  await running({ jobs: { a: [read(seen)] }, edges: ['trigger->a'], input: { data } })

  expect(seen).toEqual([{ data: expected, configuration: {} }])
})

test('references, errors and keys of the job’s own go on to the next step', async () => {
  const { final } = await running({
    jobs: { a: [keep], b: [keep] },
    edges: ['trigger->a', 'a->b'],
    input: { data: {}, references: [{ n: 1 }], cursor: '2026-01-01', request: { method: 'POST' } },
  })

  expect(final).toEqual({ data: {}, references: [{ n: 1 }], cursor: '2026-01-01', request: { method: 'POST' } })
})

test('between steps the state is JSON: dates are text, functions vanish, a Map is empty, a circle is marked', async () => {
  const circle: Record<string, unknown> = { name: 'circle' }
  circle.itself = circle
  const twice = { n: 1 }

  const { final } = await running({
    jobs: {
      a: [
        (state) => ({
          ...state,
          day: new Date('2026-01-02T03:04:05Z'),
          call: () => 1,
          nothing: undefined,
          map: new Map([['a', 1]]),
          circle,
          pair: [twice, twice],
        }),
      ],
    },
    edges: ['trigger->a'],
  })

  expect(final).toEqual({
    data: {},
    day: '2026-01-02T03:04:05.000Z',
    map: {},
    circle: { name: 'circle', itself: '[Circular]' },
    pair: [{ n: 1 }, { n: 1 }],
  })
})

test('steps that follow the same step each change a copy of their own', async () => {
  const mark = (name: string) => (state: State) => {
    const data = state.data as { marks: string[] }
    data.marks.push(name)
    return state
  }

  const { final } = await running({
    jobs: { a: [keep], b: [mark('b')], c: [mark('c')] },
    edges: ['trigger->a', 'a->b', 'a->c'],
    input: { data: { marks: [] } },
  })

  expect(final).toEqual({ b: { data: { marks: ['b'] } }, c: { data: { marks: ['c'] } } })
})

test('the caller’s input is not changed by a job', async () => {
  const input = { data: { n: 1 } }

  await running({
    jobs: { a: [(state) => Object.assign(state, { data: Object.assign(state.data as object, { n: 2 }) })] },
    edges: ['trigger->a'],
    input,
  })

  expect(input).toEqual({ data: { n: 1 } })
})

test('a primitive is a final state like any other', async () => {
  const five = (() => 5) as unknown as (state: State) => State

  const { final, state } = await running({ jobs: { a: [five] }, edges: ['trigger->a'] })

  expect({ final, state }).toEqual({ final: 5, state: 'success' })
})

test('a state that JSON cannot write fails the step, and the error alone goes on', async () => {
  const { state, final } = await running({
    jobs: { a: [(current) => ({ ...current, big: 1n })] },
    edges: ['trigger->a'],
    input: { data: { n: 1 } },
  })

  expect({ state, final }).toEqual({
    state: 'failed',
    final: {
      data: { n: 1 },
      errors: {
        a: {
          source: 'runtime',
          name: 'RuntimeError',
          severity: 'fail',
          message: 'Operation 1 of step "a" threw an unforeseen TypeError.',
          code: 'UNFORESEEN',
          retry: 'never',
          step: 'a',
          operation: 1,
        },
      },
    },
  })
})
