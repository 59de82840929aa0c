import { setTimeout as sleep } from 'node:timers/promises'
import { fn, log as print } from '@openfn/language-common'
import { expect, test } from 'vitest'
import type { State } from '../../src/run/types.ts'
import { running, said } from './running.ts'

/** Collects what reaches the console of this process while `work` runs. */
async function heard(work: (output: Pick<Console, 'log' | 'error'>) => Promise<unknown>): Promise<string[]> {
  const lines: string[] = []
  const { console } = globalThis
  const original = globalThis.console
  const listening = Object.assign(Object.create(console), {
    log: (text: unknown) => lines.push(`log ${text}`),
    error: (text: unknown) => lines.push(`error ${text}`),
  })
  globalThis.console = listening
  try {
    await work(listening)
  } finally {
    globalThis.console = original
  }
  return lines
}

test('what a job or an adaptor prints is dropped and counted', async () => {
  let lines: readonly Record<string, unknown>[] = []

  const printed = await heard(async (output) => {
    const quiet = (state: State) => {
      output.log('Amina')
      output.error(state)
      return state
    }
    ;({ lines } = await running({
      jobs: { a: [quiet, print('Amina'), fn((state: State) => state)] as never, b: [(state) => state] },
      edges: ['trigger->a', 'a->b'],
    }))
  })

  expect(printed).toEqual([])
  expect(said(lines, 'console of a job dropped')).toEqual([
    { level: 'debug', fact: 'console of a job dropped', workflow: 'flow', step: 'a', count: 3 },
  ])
})

test('the console of the rest of the process works as before, also while a step runs', async () => {
  const printed = await heard(async (output) => {
    const run = running({ jobs: { a: [(state) => sleep(20, state)] }, edges: ['trigger->a'] })
    await sleep(5)
    output.log('beside')
    await run
    output.error('after')
  })

  expect(printed).toEqual(['log beside', 'error after'])
})

test('a step that fails is silent too', async () => {
  const printed = await heard(async (output) => {
    await running({
      jobs: {
        a: [
          async () => {
            await sleep(1)
            output.error('response body: Amina')
            throw new Error('x')
          },
        ],
      },
      edges: ['trigger->a'],
    })
  })

  expect(printed).toEqual([])
})
