import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { ExitCode } from '../ending.ts'
import { createProgress } from '../progress.ts'
import { usage } from '../runInput.ts'
import { type Incident, incidents, type Scene } from './incidents.ts'
import { type DrillStage, exchangeCommand, setStage } from './stage.ts'

interface DrillOptions {
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
  for (const incident of chosen) {
    print(`\nIncident ${incidents.indexOf(incident) + 1} of ${incidents.length}: ${incident.title}`)
    scores.push(await playIncident(process.cwd(), incident, auto === true ? actAlone : askTrainee))
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
      const wrong = await scene.wrong()
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

async function askTrainee(stage: DrillStage): Promise<'done' | 'given up'> {
  const file = join(stage.project, 'drill.env')
  const lines = Object.entries(stage.env).map(([name, value]) => `${name}='${value}'`)
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  print(`  In another terminal:  cd ${stage.project} && set -a && . ./drill.env && set +a`)
  print(`  The command there:    node ${exchangeCommand} --help`)
  print(`  The activity page:    ${stage.address()}/  user admin, password ${stage.env.ADMIN_PASSWORD}`)
  const input = createInterface({ input: process.stdin, output: process.stdout })
  try {
    for await (const line of prompted(input)) {
      if (line === 'done') return 'done'
      if (line === 'skip') return 'given up'
      if (line !== 'restart') continue
      await stage.stop()
      await stage.start()
      print(`  The exchange runs anew at ${stage.address()}/`)
    }
    return 'given up'
  } finally {
    input.close()
  }
}

async function* prompted(input: ReturnType<typeof createInterface>): AsyncGenerator<string> {
  const question = '  Type restart (the exchange), done, or skip: '
  process.stdout.write(question)
  for await (const line of input) {
    yield line.trim().toLowerCase()
    process.stdout.write(question)
  }
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
