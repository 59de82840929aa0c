import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startExchange } from './exchange.ts'
import type { Ratio } from './ratio.ts'
import { startSimulators } from './simulators.ts'

interface Options {
  /** An empty folder. */
  readonly folder: string
  readonly fewCases: number
  readonly manyCases: number
}

/**
 * Peak memory of the exchange while it polls many changed cases, against another one that polls few of them again and
 * again, so that both read as many in all and differ only in how many one poll finds.
 */
export async function benchMemory({ folder, fewCases, manyCases }: Options): Promise<Ratio> {
  const few = await peakMegabytes(join(folder, 'few'), fewCases, Math.round(manyCases / fewCases))
  const many = await peakMegabytes(join(folder, 'many'), manyCases, 1)
  return {
    name: `memory, ${manyCases.toLocaleString('en')} changed cases to ${fewCases.toLocaleString('en')}`,
    ours: many,
    theirs: few,
    unit: 'MB',
    ratio: many / few,
    aim: { atMost: 1.1 },
    doubts: [],
  }
}

async function peakMegabytes(folder: string, cases: number, polls: number): Promise<number> {
  const simulators = await startSimulators(folder, 0)
  const exchange = await startExchange(join(folder, 'data'), simulators.environment)
  try {
    await exchange.run('send-decisions')
    await simulators.makeCases({ count: cases })
    for (let poll = 1; poll <= polls; poll += 1) await exchange.run('send-decisions')
    return await peakOf(exchange.pid)
  } finally {
    await exchange.stop()
    await simulators.stop()
  }
}

/** The kernel's own high-water mark of resident memory: no sample can miss it. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kilobytes === undefined) throw new Error('The memory of a process can be read on Linux only.')
  return Number(kilobytes) / 1024
}
