import { expect, test } from 'vitest'
import type { State } from '../../src/run/types.ts'
import { running } from './running.ts'

const keep = (state: State) => state

async function isFollowed(expression: string, state: State = { data: { n: 2, list: [1] } }) {
  const run = await running({ jobs: { a: [keep] }, edges: [`trigger->a ${expression}`], input: state })
  return run.state === 'crashed' ? 'crashed' : run.steps.length === 1
}

test.each([
  ['state.data.n === 2', true],
  ['state.data.n > 5', false],
  ['state.data.list', true],
  ['state.data.missing', false],
  ['state.data?.missing?.deeper', false],
  ["upstreamStepId === 'webhook'", true],
  ['state.configuration', false],
  ['true;', true],
  ["console.log('x') === undefined", true],
])('the condition %s of a trigger edge is %s', async (expression, expected) => {
  expect(await isFollowed(expression)).toBe(expected)
})

test.each([
  ['reaches into what is not there', 'state.data.missing.deeper'],
  ['compiles code', "new Function('return true')()"],
  ['evaluates code', "eval('true')"],
  ['uses the process', 'process.exit(3)'],
  ['imports through the state', "state.constructor.constructor('return process')()"],
  ['requires a module', "require('node:fs')"],
  ['asks for the time zone of the machine', "fetch('http://127.0.0.1')"],
  ['never ends', '(() => { for (;;) {} })()'],
])('a condition that %s crashes the run', async (_, expression) => {
  expect(await isFollowed(expression)).toBe('crashed')
})

test('the crash of a condition names the edge and says what to do, without quoting the state', async () => {
  const { errors, lines, thrown } = await running({
    jobs: { a: [keep], b: [keep] },
    edges: ['trigger->a', 'a->b (() => { throw new Error(state.data.name) })()'],
    input: { data: { name: 'Amina' } },
  })

  expect(errors).toEqual([
    {
      source: 'runtime',
      name: 'EdgeConditionError',
      severity: 'crash',
      message: 'The condition of edge "a->b" threw a Error.',
      step: 'a',
    },
  ])
  expect(thrown).toHaveLength(1)
  expect(lines.at(-1)).toMatchObject({ fact: 'edge failed', step: 'a', error_name: 'EdgeConditionError' })
  expect(JSON.stringify(lines)).not.toContain('Amina')
})

test('a condition sees the state after the step, and what it changes there stays with it', async () => {
  const { steps, final } = await running({
    jobs: { a: [(state) => ({ ...state, data: { n: 3 } })], b: [keep] },
    edges: ['trigger->a', 'a->b (state.data.n += 1) === 4'],
  })

  expect(steps).toEqual(['a', 'b'])
  expect(final).toEqual({ data: { n: 3 } })
})

test('a condition leaves nothing behind for the next one', async () => {
  const litter = '(() => { litter = state; Array.prototype.litter = state; Object.litter = state; return true })()'
  const clean = "typeof litter === 'undefined' && [].litter === undefined && Object.litter === undefined"

  const { steps } = await running({
    jobs: { a: [keep], b: [keep] },
    edges: [`trigger->a ${litter}`, `trigger->b ${clean}`],
  })

  expect(steps).toEqual(['a', 'b'])
})

test('a disabled edge is never followed', async () => {
  const { nextSteps } = await import('../../src/run/edges.ts')
  const edge = { key: 'e', from: { trigger: 'webhook' }, to: 'a', condition: 'always', enabled: false } as const
  const trigger = { key: 'webhook', type: 'webhook', enabled: true } as const

  expect(nextSteps({ key: 'flow', name: 'flow', trigger, jobs: {}, edges: [edge] }, {})).toEqual([])
})
