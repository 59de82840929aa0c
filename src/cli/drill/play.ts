import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { ExitCode } from '../ending.ts'
import { createProgress } from '../progress.ts'
import { usage } from '../runInput.ts'
import type { Incident, Scene } from './incident.ts'
import { incidents } from './incidents.ts'
import { type DrillStage, exchangeCommand, setStage } from './stage.ts'

export interface DrillOptions {
  readonly only?: string
  readonly auto?: true
}

export interface Score {
  readonly title: string
  /** How often the trainee said that it was done; 0: given up. */
  readonly tries: number
  readonly solved: boolean
}

type Act = (stage: DrillStage, scene: Scene) => Promise<'done' | 'given up'>

/** Rehearses the incidents one after the other and prints the score sheet. 2: one of them was not solved. */
export async function playDrill({ only, auto }: DrillOptions): Promise<ExitCode> {
  const chosen = only === undefined ? incidents : incidents.filter((_, index) => String(index + 1) === only)
  if (chosen.length === 0) throw usage(`there is no incident ${only}.`, `Name one from 1 to ${incidents.length}.`)
  const scores: Score[] = []
  const input = auto === true ? undefined : createInterface({ input: process.stdin })
  let isInterrupted = false
  process.once('SIGINT', () => {
    isInterrupted = true
    input?.close()
  })
  const act = input === undefined ? actAlone : trainee(input[Symbol.asyncIterator]())
  try {
    for (const incident of chosen) {
      if (isInterrupted) break
      print(`\nIncident ${incidents.indexOf(incident) + 1} of ${incidents.length}: ${incident.title}`)
      scores.push(await playIncident(process.cwd(), incident, act))
    }
  } finally {
    input?.close()
  }
  print(renderScores(scores))
  return scores.every(({ solved }) => solved) ? 0 : 2
}

/** One incident on a stage of its own. What counts is the state of the systems afterwards, not how it was reached. */
export async function playIncident(root: string, incident: Incident, act: Act): Promise<Score> {
  const { title } = incident
  const progress = createProgress()
  progress.say('setting the scene')
  const stage = await setStage(root, incident.prepare ?? (() => {}))
  try {
    await stage.start()
    const scene = await incident.scene(stage)
    progress.end()
    print(`  ${scene.seen}`)
    for (let tries = 1; ; tries += 1) {
      if ((await act(stage, scene)) === 'given up') return { title, tries: 0, solved: false }
      progress.say('judging')
      const wrong = stage.isRunning() ? await scene.wrong() : 'the exchange does not run: type restart'
      progress.end()
      if (wrong === undefined) {
        print(`  Right. ${scene.lesson}`)
        return { title, tries, solved: true }
      }
      print(`  Not yet: ${wrong}.`)
    }
  } finally {
    progress.end()
    await stage.close()
  }
}

export const actAlone: Act = async (_stage, { act }) => {
  await act()
  return 'done'
}

/** Asks whoever sits at the terminal; one reader of lines serves all incidents, so that none is lost between two. */
function trainee(lines: AsyncIterator<string>): Act {
  return async (stage) => {
    explain(stage)
    for (;;) {
      process.stdout.write('  Type restart (the exchange), done, or skip: ')
      const { done, value } = await lines.next()
      const word = done === true ? 'skip' : value.trim().toLowerCase()
      if (word === 'done') return 'done'
      if (word === 'skip') return 'given up'
      if (word !== 'restart') continue
      await stage.stop()
      await stage.start()
      print(`  The exchange runs anew at ${stage.address()}/`)
    }
  }
}

function explain(stage: DrillStage): void {
  const lines = Object.entries(stage.env).map(([name, value]) => `${name}='${value}'`)
  writeFileSync(join(stage.project, 'drill.env'), `${lines.join('\n')}\n`, { mode: 0o600 })
  const page = stage.isRunning() ? stage.address() : 'see after restart'
  print(`  In another terminal:  cd ${stage.project} && set -a && . ./drill.env && set +a`)
  print(`  The command there:    node ${exchangeCommand} --help`)
  print(`  The activity page:    ${page}/  user admin, password ${stage.env.ADMIN_PASSWORD}`)
}

export function renderScores(scores: readonly Score[]): string {
  const word = ({ solved, tries }: Score) =>
    !solved ? 'not solved' : tries === 1 ? 'solved' : `solved at try ${tries}`
  const solved = scores.filter((score) => score.solved)
  return [
    '',
    'Score sheet',
    ...scores.map((score) => `  ${word(score).padEnd(16)}  ${score.title}`),
    `  ${solved.length} of ${scores.length} solved, ${solved.filter(({ tries }) => tries === 1).length} at the first try, on ${new Date().toISOString().slice(0, 10)}.`,
    '  Name: ____________________',
  ].join('\n')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
