import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Job } from '../../src/project/types.ts'
import { loadJob } from '../../src/run/job.ts'
import { compileScript } from '../../src/run/script/compile.ts'
import { moduleOf } from '../../src/run/script/module.ts'
import type { State } from '../../src/run/types.ts'
import { running } from '../run/running.ts'
import { startEcho } from './echo.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const corpus = readdirSync(join(here, 'corpus')).sort()

/** Scripts that end otherwise here, and why: the table of docs/openfn.md. */
const differences = new Map(
  [...readFileSync(join(root, 'docs/openfn.md'), 'utf8').matchAll(/^\| `([\w-]+)` \| (.{20,}) \|$/gm)].map(
    ([, name, why]) => [name, why],
  ),
)

const echo = await startEcho()
const child = fork(join(here, 'openfnRuntime.js'), {
  execArgv: ['--experimental-vm-modules', '--no-warnings'],
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
})
const exportsOf = new Map<string, ReadonlySet<string>>()

beforeAll(async () => {
  await once(child, 'message')
  for (const name of ['common', 'http']) {
    const specifier = `@openfn/language-${name}`
    const exported: object = await import(/* @vite-ignore */ specifier)
    exportsOf.set(specifier, new Set(Object.keys(exported).filter((one) => one !== 'default')))
  }
})
afterAll(() => {
  child.kill()
  echo.close()
})

describe('a script ends here as in OpenFn’s own runtime, and asks the same of other systems', () => {
  test.each(corpus)('%s', async (file) => {
    const script = scriptOf(file)

    const theirs = await inOpenFn(script)
    const ours = await inExchange(script)

    const name = file.replace(/\.js$/, '')
    if (differences.has(name)) expect(ours).not.toEqual(theirs)
    else expect(ours).toEqual(theirs)
  })

  test('what is listed as different is in the corpus', () => {
    expect([...differences.keys()].filter((name) => !corpus.includes(`${name}.js`))).toEqual([])
  })
})

test('the corpus has a script for every operation of both adaptors', () => {
  const all = corpus.map((file) => scriptOf(file).source).join('\n')
  const helpers = new Set(['execute', 'dateFns', 'util', '_', 'beta', 'http'])

  for (const exported of exportsOf.values()) {
    expect([...exported].filter((name) => !helpers.has(name) && !new RegExp(`\\b${name}\\(`).test(all))).toEqual([])
  }
  expect(corpus.length).toBeGreaterThanOrEqual(60)
})

interface Script {
  readonly source: string
  readonly adaptor: string
  readonly state: State
}

function scriptOf(file: string): Script {
  const source = readFileSync(join(here, 'corpus', file), 'utf8')
  const [, name = '', state = '{}'] = /^\/\/ adaptor: (\w+)\n\/\/ state: (.*)\n/.exec(source) ?? []
  return { source, adaptor: `@openfn/language-${name}`, state: JSON.parse(state) }
}

async function inOpenFn({ source, adaptor, state }: Script) {
  const { configuration, ...input } = state
  const compiled = compileScript(source, {
    adaptors: [{ specifier: adaptor, exports: exportsOf.get(adaptor) ?? new Set() }],
  })
  if ('problems' in compiled) return { end: 'crashed', asked: [] }
  const modules = Object.fromEntries(
    [...exportsOf.keys()].map((name) => [name, { path: join(root, 'node_modules', name), version: '1.0.0' }]),
  )
  const answered = once(child, 'message')
  child.send({
    code: moduleOf(compiled.script).code,
    input,
    configuration: { baseUrl: echo.url, ...configuration },
    modules,
  })
  const [{ final, crash }] = await answered
  return { end: crash === undefined ? comparable(final) : 'crashed', asked: echo.take() }
}

async function inExchange({ source, adaptor, state }: Script) {
  const { configuration, ...input } = state
  const job: Job = { key: 'job', name: 'job', adaptor, credential: 'c', body: { text: source } }
  const result = await running({
    jobs: { job: [] },
    edges: ['trigger->job'],
    input,
    credential: 'c',
    options: {
      loadJob: (_, current) => loadJob(job, { state: current }),
      configurationOf: () => ({ baseUrl: echo.url, ...configuration }),
    },
  })
  return { end: result.state === 'crashed' ? 'crashed' : comparable(result.final), asked: echo.take() }
}

/** Of errors the kind alone: texts are not kept here. Of answers nothing: they do not outlive a step here, as on Lightning. */
function comparable(final: unknown): unknown {
  if (typeof final !== 'object' || final === null || Array.isArray(final)) return final
  const { response: _response, errors, ...rest }: State = { ...final }
  const kinds = Object.entries(errors ?? {}).map(([step, { name, severity }]) => [step, { name, severity }])
  return JSON.parse(JSON.stringify({ ...rest, ...(kinds.length > 0 ? { errors: Object.fromEntries(kinds) } : {}) }))
}
