/** Places and texts of a project whose jobs have bugs that name the child: `jobs/receive-referrals.ts` for `startCanarySite`. */
export const jobWithBugs = `
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const outputs = ['log', 'error', 'warn', 'info', 'debug', 'dir', 'trace', 'table'] as const
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const failed = (text: string) => Object.assign(new TypeError(text), { name: text, code: text, cause: new Error(text), body: text })

const bugs: Readonly<Record<string, (text: string, state: unknown) => unknown>> = {
  throws: (text) => { throw new Error(text) },
  frames: (text) => { throw new Error(text.replaceAll(/([A-Za-z]{9,12})/g, '\\n    at $1.js:1:1\\n')) },
  rejects: async (text) => { await pause(1); throw failed(text) },
  throwsText: (text) => { throw text },
  throwsState: (_text, state) => { throw state },
  parses: (text) => JSON.parse('x' + text),
  asks: (text) => fetch('http://' + encodeURIComponent(text.slice(0, 60)) + '.invalid/' + text),
  prints: (text) => {
    for (const output of outputs) console[output](text)
    process.emitWarning(text)
    process.emitWarning(text, { type: 'DeprecationWarning', code: 'X1', detail: text })
    throw new Error(text)
  },
  forgets: async (text) => { void Promise.reject(failed(text)); await pause(5_000) },
  throwsLater: async (text) => { setTimeout(() => { throw failed(text) }); await pause(5_000) },
  throwsTextLater: async (text) => { process.nextTick(() => { throw text }); await pause(5_000) },
  fillsTheHeap: (text) => {
    const kept: unknown[] = []
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, n) => text.slice(0, 40) + n + kept.length))
  },
  leaks: async () => {
    const forms = readFileSync('forms.bin')
    process.stdout.write(forms)
    process.stderr.write(forms)
    for (const folder of [process.env.TMPDIR, process.env.DATA_DIR, '.']) writeFileSync(join(String(folder), 'leak'), forms)
    process.title = readFileSync('title.txt', 'utf8')
    await fetch(process.env.PRIMERO_URL + '/api/v2/cases?query=' + readFileSync('address.txt', 'utf8')).catch(() => {})
  },
}

export default [
  async (state: { readonly data: { readonly bug?: string } }) => {
    await bugs[String(state.data.bug)]?.(JSON.stringify(state.data), state)
    return state
  },
]
`

/** Those that one run survives, and those that end the process. */
export const bugs = {
  survived: ['throws', 'frames', 'rejects', 'throwsText', 'throwsState', 'parses', 'asks', 'prints'],
  fatal: ['forgets', 'throwsLater', 'throwsTextLater', 'fillsTheHeap'],
} as const
