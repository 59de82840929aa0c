import * as common from '@openfn/language-common'
import { expect, test } from 'vitest'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import type { Operation, State } from '../../src/run/types.ts'
import { running, said } from './running.ts'

const keep = (state: State) => state
const fail = () => {
  throw new Error('Amina Example was born on 2011-03-04')
}

test('steps run one after another, breadth first', async () => {
  const { steps } = await running({
    jobs: { a: [keep], b: [keep], c: [keep], d: [keep], e: [keep] },
    edges: ['trigger->a', 'a->b', 'a->c', 'b->d', 'c->e'],
  })

  expect(steps).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('a step with two steps before it runs once after each, and each end has a name', async () => {
  const note = (name: string) => (state: State) => ({ ...state, data: name })

  const { steps, final } = await running({
    jobs: { a: [keep], b: [note('b')], c: [note('c')], d: [keep] },
    edges: ['trigger->a', 'a->b', 'a->c', 'b->d', 'c->d'],
  })

  expect(steps).toEqual(['a', 'b', 'c', 'd', 'd'])
  expect(final).toEqual({ d: { data: 'b' }, 'd-1': { data: 'c' } })
})

test('one end gives its state, several give a map by step', async () => {
  const one = await running({ jobs: { a: [keep] }, edges: ['trigger->a'], input: { data: { n: 1 } } })
  const two = await running({
    jobs: { a: [keep], b: [keep] },
    edges: ['trigger->a', 'trigger->b'],
    input: { data: { n: 1 } },
  })

  expect(one.final).toEqual({ data: { n: 1 } })
  expect(two.final).toEqual({ a: { data: { n: 1 } }, b: { data: { n: 1 } } })
})

test('a trigger whose edges lead nowhere is a success without a step', async () => {
  const { state, steps, final } = await running({
    jobs: { a: [keep] },
    edges: ['trigger->a state.data.kind === "x"'],
    input: { data: { kind: 'y' } },
  })

  expect({ state, steps, final }).toEqual({ state: 'success', steps: [], final: { data: { kind: 'y' } } })
})

test('a failed step that somebody handles leaves the run a success; the error stays in the state', async () => {
  const { state, steps, final } = await running({
    jobs: { a: [fail], b: [keep], c: [keep] },
    edges: ['trigger->a', 'a->b on_job_success', 'a->c on_job_failure'],
  })

  expect({ state, steps }).toEqual({ state: 'success', steps: ['a', 'c'] })
  expect(Object.keys((final as State).errors ?? {})).toEqual(['a'])
})

test('a failed step after which others ran is a success for OpenFn, and nobody caught its error', async () => {
  const edges = ['trigger->a', 'a->b', 'a->c on_job_success']
  const ranOn = await running({ jobs: { a: [fail], b: [keep], c: [keep] }, edges })
  const handled = await running({ jobs: { a: [fail], b: [keep], c: [keep] }, edges: [...edges, 'a->c on_job_failure'] })

  expect(ranOn).toMatchObject({ state: 'success', steps: ['a', 'b'], uncaught: [expect.any(Error)] })
  expect(handled).toMatchObject({ state: 'success', steps: ['a', 'b', 'c'], uncaught: [] })
})

test('a failed step after which nothing runs fails the run', async () => {
  const { state, errors } = await running({
    jobs: { a: [fail], b: [keep] },
    edges: ['trigger->a', 'a->b on_job_success'],
  })

  expect(state).toBe('failed')
  expect(errors.map(({ step, severity }) => ({ step, severity }))).toEqual([{ step: 'a', severity: 'fail' }])
})

test('conditions look at the step right before them, not at an earlier error', async () => {
  const { steps, final } = await running({
    jobs: { a: [fail], b: [keep], c: [keep], d: [keep] },
    edges: ['trigger->a', 'a->b on_job_failure', 'b->c on_job_success', 'b->d on_job_failure'],
  })

  expect(steps).toEqual(['a', 'b', 'c'])
  expect(Object.keys((final as State).errors ?? {})).toEqual(['a'])
})

test('errors of several steps gather along a branch', async () => {
  const { final, state } = await running({
    jobs: { a: [fail], b: [fail] },
    edges: ['trigger->a', 'a->b'],
  })

  expect(state).toBe('failed')
  expect(Object.keys((final as State).errors ?? {})).toEqual(['a', 'b'])
})

test('after a failure the step’s input goes on as it was changed in place; what a copy held is lost', async () => {
  const { final } = await running({
    jobs: {
      a: [
        (state) => {
          Object.assign(state.data as object, { inPlace: true })
          return { ...state, inCopy: true }
        },
        fail,
      ],
      b: [(state) => ({ data: state.data, inCopy: state.inCopy })],
    },
    edges: ['trigger->a', 'a->b'],
    input: { data: {} },
  })

  expect(final).toEqual({ data: { inPlace: true } })
})

test('an error of ours is written with its sentence and code, and with nothing of its cause', async () => {
  const refuse = () => {
    throw new ExchangeError('DTP answered 503.', {
      code: 'REMOTE_DOWN',
      retry: 'later',
      status: 503,
      cause: new Error('body with a name'),
    })
  }

  const { errors, final, thrown } = await running({ jobs: { a: [keep, refuse] }, edges: ['trigger->a'] })

  const error = {
    source: 'runtime',
    name: 'JobError',
    severity: 'fail',
    message: 'DTP answered 503.',
    code: 'REMOTE_DOWN',
    retry: 'later',
    step: 'a',
    operation: 2,
  }
  expect(errors).toEqual([error])
  expect((final as State).errors).toEqual({ a: error })
  expect(thrown[0]).toBeInstanceOf(ExchangeError)
})

test.each([
  ['an Error', () => new Error('Amina'), 'JobError', 'Error'],
  ['a text', () => 'Amina', 'JobError', 'string'],
  ['nothing', () => undefined, 'JobError', 'undefined'],
  ['null', () => null, 'JobError', 'object'],
  ['a TypeError', () => new TypeError('Amina'), 'RuntimeError', 'TypeError'],
  ['a RangeError', () => new RangeError('Amina'), 'RuntimeError', 'RangeError'],
  ['an object with a name', () => ({ name: 'Amina', body: 'Amina' }), 'JobError', 'Object'],
])('%s thrown by a job is written by its class alone', async (_, make, name, shown) => {
  const { errors, lines, final } = await running({
    jobs: {
      a: [
        () => {
          throw make()
        },
      ],
    },
    edges: ['trigger->a'],
  })

  expect(errors).toEqual([
    {
      source: 'runtime',
      name,
      severity: 'fail',
      message: `Operation 1 of step "a" threw an unforeseen ${shown}.`,
      code: 'UNFORESEEN',
      retry: 'never',
      step: 'a',
      operation: 1,
    },
  ])
  expect(JSON.stringify([lines, final])).not.toContain('Amina')
})

test('an error thrown inside an adaptor has OpenFn’s name for that', async () => {
  // Its types do not list this operation.
  const assert: (holds: boolean, message: string) => Operation = Reflect.get(common, 'assert')

  const { errors } = await running({
    jobs: { a: [assert(false, 'Amina')] },
    edges: ['trigger->a'],
  })

  expect(errors[0]).toMatchObject({
    name: 'AdaptorError',
    severity: 'fail',
    message: 'Operation 1 of step "a" threw an unforeseen Error.',
  })
})

test.each([
  ['ReferenceError', () => new ReferenceError('x is not defined')],
  ['SyntaxError', () => new SyntaxError('Unexpected token A')],
])('a %s crashes the run and nothing follows', async (shown, make) => {
  const { state, steps, errors, final } = await running({
    jobs: {
      a: [
        () => {
          throw make()
        },
      ],
      b: [keep],
    },
    edges: ['trigger->a', 'a->b'],
  })

  expect({ state, steps, final }).toEqual({ state: 'crashed', steps: ['a'], final: undefined })
  expect(errors[0]).toMatchObject({
    name: 'RuntimeCrash',
    severity: 'crash',
    message: `Operation 1 of step "a" threw an unforeseen ${shown}.`,
  })
})

test('an operation without return is named, and the next one gets an empty state', async () => {
  const forget = (() => undefined) as unknown as (state: State) => State
  const seen: State[] = []

  const { lines, final } = await running({
    jobs: {
      a: [
        keep,
        forget,
        (state) => {
          seen.push(state)
          return { data: 1 }
        },
      ],
    },
    edges: ['trigger->a'],
  })

  expect(said(lines, 'step forgot its state')).toEqual([
    { level: 'warn', fact: 'step forgot its state', workflow: 'flow', step: 'a', operation: 2 },
  ])
  expect(seen).toEqual([{}])
  expect(final).toEqual({ data: 1 })
})

test('a job whose last operation returns nothing hands on nothing, and the next step starts afresh', async () => {
  const forget = (() => undefined) as unknown as (state: State) => State

  const alone = await running({ jobs: { a: [forget] }, edges: ['trigger->a'] })
  const followed = await running({ jobs: { a: [forget], b: [keep] }, edges: ['trigger->a', 'a->b'] })

  expect({ state: alone.state, final: alone.final }).toEqual({ state: 'success', final: undefined })
  expect(followed.final).toEqual({ data: {} })
})

test('a job’s export execute strings its operations together', async () => {
  const execute =
    (...operations: ((state: State) => unknown)[]) =>
    async (state: State) => {
      let current: State = { references: [], ...state }
      for (const operation of operations) current = (await operation(current)) as State
      return { ...current, cleaned: true }
    }

  const { final } = await running({ jobs: { a: { operations: [keep], execute } }, edges: ['trigger->a'] })

  expect(final).toEqual({ references: [], data: {}, cleaned: true })
})

test('a credential that nobody knows crashes the run before the job begins', async () => {
  const { state, errors } = await running({
    credential: 'dpt',
    jobs: { a: [keep] },
    edges: ['trigger->a'],
    options: { configurationOf: () => undefined },
  })

  expect(state).toBe('crashed')
  expect(errors).toEqual([
    {
      source: 'runtime',
      name: 'CredentialLoadError',
      severity: 'crash',
      message: 'Step "a" needs the credential "dpt", which has no configuration.',
      step: 'a',
    },
  ])
})

test('what is wrapped around a step knows workflow and step', async () => {
  const wrapped: string[] = []

  await running({
    jobs: { a: [keep], b: [keep] },
    edges: ['trigger->a', 'a->b'],
    options: {
      aroundStep: (context, work) => {
        wrapped.push(`${context.workflow}/${context.step}/${context.signal.aborted}`)
        return work()
      },
    },
  })

  expect(wrapped).toEqual(['flow/a/false', 'flow/b/false'])
})

test('steps are logged with their names and times, and failures with operation and code', async () => {
  const { lines } = await running({
    jobs: { a: [keep], b: [keep, fail] },
    edges: ['trigger->a', 'a->b'],
  })

  expect(lines.map(({ fact, step, operation, code, error_name }) => [fact, step, operation, code, error_name])).toEqual(
    [
      ['step started', 'a', undefined, undefined, undefined],
      ['step finished', 'a', undefined, undefined, undefined],
      ['step started', 'b', undefined, undefined, undefined],
      ['step failed', 'b', 2, 'UNFORESEEN', 'JobError'],
    ],
  )
})
