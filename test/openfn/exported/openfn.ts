import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../../..')

interface Step {
  readonly id: string
  readonly type?: string
  readonly adaptor?: string
  readonly configuration?: string
  readonly expression?: string
  readonly next?: Readonly<Record<string, unknown>>
}

interface Ended {
  readonly final?: Readonly<Record<string, unknown>>
  readonly crash?: string
}

export type OpenFn = Awaited<ReturnType<typeof startOpenFn>>

/** OpenFn's own runtime in a process of its own, with the published adaptors. */
export async function startOpenFn() {
  const child = fork(join(here, 'openfnWorkflow.js'), {
    execArgv: ['--experimental-vm-modules', '--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  const modules = Object.fromEntries(
    ['common', 'http', 'collections'].map((name) => {
      const path = join(root, 'node_modules/@openfn', `language-${name}`)
      const { version }: { version: string } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
      return [`@openfn/language-${name}`, { path, version }]
    }),
  )
  return {
    /**
     * A workflow of a 4.0 file, as Lightning's worker hands it over: the trigger is a step without code, credentials are
     * looked up by owner and name and hold what the worker adds for collections.
     */
    async run(
      file: string,
      workflow: string,
      input: unknown,
      credentials: Readonly<Record<string, object>>,
    ): Promise<Ended> {
      const { workflows }: { workflows: { id: string; start: string; steps: Step[] }[] } = parse(file)
      const found = workflows.find(({ id }) => id === workflow)
      if (found === undefined) throw new Error(`There is no workflow ${workflow}.`)
      const steps = found.steps.map(({ id, expression, configuration = 'none', next }) => ({
        id,
        ...(expression === undefined ? {} : { expression, configuration: credentials[configuration] ?? {} }),
        ...(next === undefined ? {} : { next }),
      }))
      child.send({ plan: { workflow: { steps }, options: { start: found.start } }, input, modules })
      const [message] = await once(child, 'message')
      return message
    },
    stop: () => child.kill(),
  }
}
