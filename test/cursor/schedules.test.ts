import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manyCases } from './manyCases.ts'
import { play } from './play.ts'
import { schedules } from './schedule.ts'
import { openTheatre } from './theatre.ts'

let theatre: Awaited<ReturnType<typeof openTheatre>>
beforeAll(async () => {
  theatre = await openTheatre()
})
afterAll(() => theatre.close())

describe('both cron flows, on a virtual clock', () => {
  test('over 200 random schedules of saves, clocks, failures and restarts nothing is lost and nothing is sent twice', {
    timeout: 300_000,
  }, async () => {
    const property = fc.asyncProperty(schedules, async (schedule) => {
      expect(await play(theatre, schedule)).toEqual([])
    })

    await fc.assert(property, { numRuns: 200, seed: 3, endOnFailure: true })
  })

  test('a case that becomes visible while others are saved as fast as we read is not passed over', async () => {
    const everyRequest = Array.from({ length: 100 }, (_, index) => ({
      at: index + 1,
      child: 1 + (index % 6),
      change: {},
    }))

    const complaints = await play(theatre, {
      pageSize: 1,
      primeroAheadMs: 0,
      steps: [
        { do: 'register', count: 7, refers: false, afterMs: 0, lateMs: 0 },
        { do: 'save', child: 0, change: { decision: 'accepted' }, afterMs: 1000, lateMs: 30_000 },
        {
          do: 'work',
          asked: ['send-decisions'],
          byHand: false,
          costMs: 2000,
          mishaps: [],
          edits: everyRequest,
          ends: undefined,
        },
      ],
    })

    expect(complaints).toEqual([])
  })

  test('of 500 changed cases, 60 of them at one time across the end of a page and others edited while they are read, each is told once', async () => {
    expect(await play(theatre, manyCases(500, 200))).toEqual([])
  })
})
