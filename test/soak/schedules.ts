import * as fc from 'fast-check'
import { manyCases } from '../cursor/manyCases.ts'
import { play } from '../cursor/play.ts'
import { type Schedule, schedules } from '../cursor/schedule.ts'
import { openTheatre } from '../cursor/theatre.ts'

const reportEvery = 100

/**
 * Plays 2,500 changed cases with 60 at one time and edits while they are read, then random schedules of saves, clocks,
 * failures and restarts against both cron flows. Gives how many of them lost something or sent it twice: it ends with the
 * first, which is printed as small as it gets and with the seed that makes it again.
 */
export async function soakSchedules(count: number, seed: number, say: (line: string) => void): Promise<number> {
  const theatre = await openTheatre()
  let played = 0
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const complaints = await play(theatre, schedule)
    if (++played % reportEvery === 0) say(`${played} schedules`)
    if (complaints.length > 0) throw new Error(complaints.join('\n'))
  })
  try {
    const many = await play(theatre, manyCases(2_500, 1_000))
    say(`2500 changed cases: ${many.length === 0 ? 'each told once' : many.join('\n')}`)
    if (many.length > 0) return 1
    const details = await fc.check<[Schedule]>(property, { numRuns: count, seed })
    if (!details.failed) {
      say(`schedules ${count}, seed ${seed}: lost 0, sent twice 0`)
      return 0
    }
    say(`seed ${seed}, path ${details.counterexamplePath}: ${JSON.stringify(details.counterexample)}`)
    say(String(details.errorInstance))
    return 1
  } finally {
    await theatre.close()
  }
}
