import { describe, expect, it, test } from 'vitest'
import { intervention, referralMessage, setStage, toldDtp } from '../flows/stage.ts'
import { running } from '../run/running.ts'

const number = '990-26-PRTITV-0000001'

describe('D33: any slip of our own code blamed UNHCR and its data', () => {
  it('an error that nobody foresaw goes to a person here, the message is kept, and UNHCR is not told that it failed', async () => {
    // A time zone that the settings would refuse: the code that reads it throws a RangeError, as a slip of ours would.
    const stage = await setStage({ settings: { time_zone: 'Nowhere/Nothing' } })

    const { id } = await stage.accept(referralMessage(intervention(1)))
    const runs = await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'UNFORESEEN' })
    expect(await stage.store.entries.replay(id, stage.now())).toBe('replayed')
    expect(runs[0]?.alerts.map(({ code }) => code)).toContain('UNFORESEEN')
    expect(toldDtp(stage, number)).toEqual([])
    expect(stage.log.join('')).toContain('"error_name":"RangeError"')
  })
})

describe('D32: an error was walked letter by letter or not at all, and nothing was reported', () => {
  test.each([
    ['a text', 'Invented Child was refused'],
    ['nothing', undefined],
    ['an error', new TypeError('Invented Child is not a function')],
    ['an answer', { status: 500, body: 'Invented Child' }],
  ])('%s that is thrown fails its step by name, and its text is not repeated', async (_, thrown) => {
    const result = await running({
      jobs: {
        a: [
          () => {
            throw thrown
          },
        ],
      },
      edges: ['trigger->a'],
    })

    expect(result.state).not.toBe('success')
    expect(result.errors).toMatchObject([{ step: 'a', operation: 1 }])
    expect(JSON.stringify([result.errors, result.lines])).not.toContain('Invented Child')
  })
})
