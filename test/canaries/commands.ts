import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { splitAtEnds } from './commandEnd.ts'
import type { CanarySite, Place } from './site.ts'

const run = promisify(execFile)
const typescript = new URL('../../bin/typescript.js', import.meta.url).href
const manyCommands = fileURLToPath(new URL('manyCommands.ts', import.meta.url))

/** What each command prints beside the running exchange, on both outputs, with and without `--json`. */
export async function askCommands(canaries: CanarySite): Promise<void> {
  const { site, planted, inputs, places } = canaries
  const fixtures = writeFixtures(canaries)
  const message = join(inputs, 'message.json')
  const bad = JSON.stringify(planted.progres['referral-batch-with-bad-rows.json'])
  writeFileSync(message, bad.replaceAll('PRTITV-0', 'PRTITV-8'))
  const { entries } = await site.get<{ entries: readonly { id: string }[] }>('/api/entries?state=stuck')
  const both = (...args: readonly string[]) => [args, [...args, '--json']]
  const dry = (...args: readonly string[]) => both('run', ...args, '--dry-run', '--fixtures', fixtures)
  const asked = [
    ['check'],
    ...both('inbox', 'list'),
    ...both('inbox', 'show', String(entries[0]?.id)),
    ...both('ledger', 'list'),
    ...both('audit', 'list'),
    ['audit', 'verify'],
    ...both('notices', 'list', '--all'),
    ...both('users', 'list'),
    ['keys', 'data', 'list'],
    ...both('run', 'dtp-inbox', '--input', message),
    ['run', 'send-decisions', '--json'],
    ...dry('dtp-inbox', '--input', message),
    ...dry('send-referrals'),
    ...dry('send-decisions'),
    ...scripts(canaries),
  ]
  places.push(...(await printed(canaries, asked)))
}

/** Commands that show values because they were asked to: what the search has to find. */
export function askForValues(canaries: CanarySite): Promise<readonly Place[]> {
  const fixtures = writeFixtures(canaries)
  const [script = []] = scripts(canaries)
  return printed(canaries, [
    ['run', 'send-referrals', '--dry-run', '--fixtures', fixtures, '--show-values'],
    [...script, '-O'],
    [...script, '--show-values'],
  ])
}

function writeFixtures({ planted, inputs }: CanarySite): string {
  const fixtures = join(inputs, 'fixtures')
  mkdirSync(join(fixtures, 'primero'), { recursive: true })
  for (const [part, rows] of Object.entries(planted.primero))
    writeFileSync(join(fixtures, 'primero', `${part}.json`), JSON.stringify(rows))
  return fixtures
}

/** A person's own job script that prints its state and then throws it. */
function scripts({ planted, inputs }: CanarySite): readonly (readonly string[])[] {
  const [job, state] = [join(inputs, 'job.js'), join(inputs, 'state.json')]
  writeFileSync(job, 'fn(s => { console.log(s); return s })\nfn(s => { throw new Error(JSON.stringify(s)) })\n')
  writeFileSync(state, JSON.stringify({ data: planted.progres['referral-v7-production-like.json'] }))
  const run = ['run', job, '-a', 'common', '-s', state]
  return [run, [...run, '--log', 'debug'], [...run, '--log-json', '-o', join(inputs, 'asked-for.json')]]
}

async function printed(
  { site, project }: CanarySite,
  asked: readonly (readonly string[])[],
): Promise<readonly Place[]> {
  const { stdout, stderr } = await run(
    process.execPath,
    ['--import', typescript, manyCommands, JSON.stringify(asked)],
    { cwd: project, env: { PATH: process.env.PATH, ...site.env }, maxBuffer: 50_000_000 },
  )
  const errors = splitAtEnds(stderr)
  return splitAtEnds(stdout).map(([out, code], n) => {
    const name = asked[n]?.map((arg) => arg.replace(/^\/.*\//, '')).join(' ')
    return { name: `exchange ${name}, exit ${code}`, bytes: `${out}\n${errors[n]?.[0]}` }
  })
}
