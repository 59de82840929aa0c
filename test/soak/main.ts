import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { soakKills } from './kills.ts'
import { soakRounds } from './rounds.ts'
import { soakSchedules } from './schedules.ts'

/**
 * `npm run soak -- --kills N` kills the exchange N times (500) under mixed load; `--rounds N` kills it N times under 200
 * entries each; `--schedules N` plays N random schedules (10000) of the cron flows on a virtual clock. All print what they
 * counted; the exit code is 1 when anything was lost, doubled or resumed late. `--boundaries` is `npm run test:crash`: every
 * boundary once.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    rounds: { type: 'string' },
    entries: { type: 'string', default: '200' },
    schedules: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    boundaries: { type: 'boolean', default: false },
  },
})

const say = (line: string) => process.stdout.write(`${line}\n`)
const isOther = values.rounds !== undefined || values.schedules !== undefined || values.boundaries
const isAsked = values.kills !== undefined || !isOther
const reports = [
  ...(values.rounds === undefined ? [] : [await soakRounds(Number(values.rounds), Number(values.entries), say)]),
  ...(isAsked ? [await soakKills(Number(values.kills ?? 500), say)] : []),
]
const failed =
  values.schedules === undefined ? 0 : await soakSchedules(Number(values.schedules || 10_000), Number(values.seed), say)
const boundaries = values.boundaries ? spawnSync('npm', ['run', 'test:crash'], { stdio: 'inherit' }).status : 0
process.exitCode =
  boundaries !== 0 || failed > 0 || reports.some(({ lost, doubled, late = 0 }) => lost + doubled + late > 0) ? 1 : 0
