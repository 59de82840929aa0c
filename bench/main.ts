import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchFlows } from './flows.ts'
import { benchInbox } from './inbox.ts'
import { benchMemory } from './memory.ts'
import { isReached, type Ratio, renderTable } from './ratio.ts'
import { startSimulators } from './simulators.ts'

const help = `Usage: npm run bench -- [--quick] [--only inbox|flows|memory] [--json FILE]

Compares the exchange, as a real process, with plain programs that do the same, in the same run, and prints ratios.
Ends with 0 when every aim is reached, else with 2.
`

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<0 | 2> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const folder = await mkdtemp(join(tmpdir(), 'exchange-bench-'))
  try {
    const ratios = await measure(folder, values)
    process.stdout.write(`${renderTable(ratios)}\n`)
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(ratios, undefined, 2)}\n`)
    return ratios.every(isReached) ? 0 : 2
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  folder: string,
  { quick, only }: { readonly quick: boolean; readonly only?: string | undefined },
): Promise<Ratio[]> {
  const ratios: Ratio[] = []
  const wants = (part: string) => only === undefined || only === part
  if (wants('inbox')) {
    say('inbox …')
    const simulators = await startSimulators(join(folder, 'inbox'), silentMs)
    const options = { folder: join(folder, 'inbox'), seconds: quick ? 3 : 10, systems: simulators.environment }
    ratios.push(await benchInbox(options).finally(simulators.stop))
  }
  if (wants('flows')) {
    say('both flows …')
    ratios.push(...(await benchFlows({ folder: join(folder, 'flows'), children: quick ? 50 : 200 })))
  }
  if (wants('memory')) {
    say('memory …')
    const [fewCases, manyCases] = quick ? [1000, 3000] : [1000, 10_000]
    ratios.push(await benchMemory({ folder: join(folder, 'memory'), fewCases, manyCases }))
  }
  return ratios
}

/**
 * Of the two systems while acknowledgements are counted: longer than the count takes. The worker begins eight entries and
 * then waits, so that the inbox is measured and not how both share one core.
 */
const silentMs = 60_000

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`)
}
