import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { State } from '../../src/run/types.ts'
import { running } from './running.ts'

const keep = (state: State) => state

test('a step that takes too long is killed: its signal is aborted, no later operation or step runs', async () => {
  const ran: string[] = []
  let aborted = false

  const { state, errors, steps } = await running({
    jobs: {
      a: [
        async (current) => {
          await sleep(30)
          return current
        },
        (current) => {
          ran.push('second')
          return current
        },
      ],
      b: [keep],
    },
    edges: ['trigger->a', 'a->b'],
    options: {
      stepTimeoutMs: 10,
      aroundStep: (context, work) => {
        context.signal.addEventListener('abort', () => {
          aborted = true
        })
        return work()
      },
    },
  })

  expect({ state, steps, ran, aborted }).toEqual({ state: 'killed', steps: ['a'], ran: [], aborted: true })
  expect(errors).toEqual([
    {
      source: 'runtime',
      name: 'TimeoutError',
      severity: 'kill',
      message: 'Step "a" took longer than 10 ms and was stopped.',
      step: 'a',
      operation: 1,
    },
  ])
})

test('a step that finishes although its time is over is killed all the same', async () => {
  const { state } = await running({
    jobs: { a: [(current) => sleep(30, current)] },
    edges: ['trigger->a'],
    options: { stepTimeoutMs: 10 },
  })

  expect(state).toBe('killed')
})

test('work that ignores its signal is left behind after five seconds', async () => {
  const started = performance.now()

  const { state } = await running({
    jobs: { a: [() => new Promise<State>(() => {})] },
    edges: ['trigger->a'],
    options: { stepTimeoutMs: 10 },
  })

  expect(state).toBe('killed')
  expect(performance.now() - started).toBeGreaterThan(5_000)
  expect(performance.now() - started).toBeLessThan(7_000)
})

test('each step has the whole time limit', async () => {
  const wait = (current: State) => sleep(60, current)

  const { state } = await running({
    jobs: { a: [wait], b: [wait], c: [wait] },
    edges: ['trigger->a', 'a->b', 'b->c'],
    options: { stepTimeoutMs: 150 },
  })

  expect(state).toBe('success')
})

test('a stop from outside kills the run, and what the step throws then is not its failure', async () => {
  const stop = new AbortController()

  const { state, errors, steps } = await running({
    jobs: {
      a: [
        async () => {
          stop.abort()
          await sleep(5)
          throw new Error('the request was aborted')
        },
      ],
      b: [keep],
    },
    edges: ['trigger->a', 'a->b'],
    options: { signal: stop.signal },
  })

  expect({ state, steps }).toEqual({ state: 'killed', steps: ['a'] })
  expect(errors[0]).toMatchObject({
    name: 'StoppedError',
    message: 'Step "a" was stopped because the process ends.',
  })
})

test('a last step that still finishes when the run is stopped counts; a next step is not begun', async () => {
  const stopping = (stop: AbortController) => async (current: State) => {
    stop.abort()
    return current
  }
  const [first, second] = [new AbortController(), new AbortController()]

  const last = await running({
    jobs: { a: [stopping(first)] },
    edges: ['trigger->a'],
    options: { signal: first.signal },
  })
  const early = await running({
    jobs: { a: [stopping(second)], b: [keep] },
    edges: ['trigger->a', 'a->b'],
    options: { signal: second.signal },
  })

  expect(last.state).toBe('success')
  expect(early.state).toBe('killed')
  expect(early.errors[0]).toMatchObject({ step: 'b', name: 'StoppedError' })
})
