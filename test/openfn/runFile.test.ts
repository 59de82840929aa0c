import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileOptions, runFile } from '../../src/cli/runFile.ts'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-file-'))
const server = createServer((request, answer) => {
  answer.setHeader('content-type', 'application/json')
  answer.end(JSON.stringify({ path: request.url, user: request.headers.authorization ?? null }))
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

function file(name: string, content: string | object): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Runs a file and reads the end state that it wrote; nothing is told. */
async function run(path: string, options: FileOptions = {}, name?: string) {
  const outputPath = join(folder, 'out.json')
  rmSync(outputPath, { force: true })
  const code = await runFile(path, name, { outputPath, log: 'none', ...options })
  const text = existsSync(outputPath) ? readFileSync(outputPath, 'utf8') : undefined
  return { code, state: text === undefined || text === '' ? text : JSON.parse(text) }
}

async function refusal(path: string, options: FileOptions = {}, name?: string) {
  const error = await run(path, options, name).catch((thrown: unknown) => thrown)
  return error instanceof ExchangeError ? [error.message, error.hint] : error
}

describe('a job script is run on a state', () => {
  test('with the adaptor and the credential that the state brings along', async () => {
    const job = file('get.js', "get('/x', { query: $.query });")
    const statePath = file('state.json', {
      query: { a: 1 },
      configuration: { baseUrl: url, username: 'u', password: 'p' },
    })

    const { code, state } = await run(job, { adaptor: 'http', statePath })

    expect(code).toBe(0)
    expect(state).toEqual({
      data: { path: '/x?a=1', user: `Basic ${Buffer.from('u:p').toString('base64')}` },
      query: { a: 1 },
      references: [{}],
    })
    expect(statSync(join(folder, 'out.json')).mode & 0o777).toBe(0o600)
  })

  test('of which the last operation leaves none: an empty file', async () => {
    expect(await run(file('none.js', 'fn(() => {});'), { adaptor: 'common' })).toEqual({ code: 0, state: '' })
  })

  test('that fails: 2, and the state says where', async () => {
    const { code, state } = await run(file('fails.js', "fn(s => s);\nfn(() => { throw 'x' });"), { adaptor: 'common' })

    expect(code).toBe(2)
    expect(state.errors.fails).toMatchObject({ operation: 2, operationName: 'fn', severity: 'fail' })
  })

  test('that cannot be compiled: 1, and nothing is written', async () => {
    expect(await run(file('wrong.js', 'gte(1);'), { adaptor: 'common' })).toEqual({ code: 1, state: undefined })
  })

  test('with a state as a text, and collections for the time of the run', async () => {
    const job = file('collect.js', "collections.set('c', 'k', $.data);\ncollections.get('c', 'k');")

    expect(await run(job, { adaptor: 'common', stateStdin: '{"data": {"n": 1}}' })).toMatchObject({
      code: 0,
      state: { data: { n: 1 } },
    })
  })

  test.each([
    [{ statePath: 'none.json' }, 'there is no readable file none.json.'],
    [{ stateStdin: '[1]' }, 'the text of -S is no state.'],
    [{ stateStdin: '{"child": "Amina' }, 'the text of -S is no state.'],
    [{ only: 'x' }, 'there is no step "x".'],
  ])('%j is refused', async (options, message) => {
    expect(await refusal(file('plain.js', 'fn(s => s);'), { adaptor: 'common', ...options })).toEqual([
      message,
      expect.any(String),
    ])
  })
})

describe('an execution plan', () => {
  const plan = {
    workflow: {
      name: 'a plan',
      steps: [
        {
          id: 'one',
          adaptor: 'common',
          expression: "fn(s => ({ ...s, seen: ['one'], secret: s.configuration.token }));",
          configuration: { token: 't1' },
          state: { under: 1, data: { a: 1 } },
          next: { two: true, never: false },
        },
        {
          id: 'two',
          adaptor: 'http',
          expression: './two.js',
          configuration: './two.json',
          next: { three: { condition: 'on_job_success' }, four: '!state.data.a' },
        },
        {
          id: 'three',
          adaptor: '@openfn/language-common',
          expression: "fn(s => ({ ...s, seen: [...(s.seen ?? []), 'three'] }));",
        },
        { id: 'four', adaptor: 'common', expression: 'fn(() => ({ wrong: true }));' },
        { id: 'never', adaptor: 'common', expression: 'fn(() => ({ wrong: true }));' },
      ],
    },
    options: {},
  }
  file('two.js', "fn(s => ({ ...s, seen: [...(s.seen ?? []), 'two', s.configuration.token] }));")
  file('two.json', { token: 't2' })

  test('runs from its first step by its edges, each step with its own defaults and credential', async () => {
    expect(await run(file('plan.json', plan), { stateStdin: '{"data": {"b": 2}}' })).toEqual({
      code: 0,
      state: { data: { a: 1, b: 2 }, references: [], under: 1, secret: 't1', seen: ['one', 'two', 't2', 'three'] },
    })
  })

  test.each([
    [{ start: 'two' }, ['two', 't2', 'three']],
    [{ end: 'two' }, ['one', 'two', 't2']],
    [{ only: 'two' }, ['two', 't2']],
    [{ only: 'thr' }, ['three']],
  ])('with %j, what was seen is %j', async (options, seen) => {
    const { state } = await run(file('plan.json', plan), { stateStdin: '{"data": {"a": 1}}', ...options })

    expect(state.seen).toEqual(seen)
  })

  test('goes on later from what its steps handed on, where that was kept', async () => {
    const path = file('cached.json', plan)
    await run(path, { cacheSteps: true, end: 'two' })

    const { state } = await run(path, { start: 'three' })

    expect(state.seen).toEqual(['one', 'two', 't2', 'three'])
    expect(readFileSync(join(folder, '.cli-cache/.gitignore'), 'utf8')).toBe('*\n')
  })

  test('a part of a name that fits two steps is refused', async () => {
    expect(await refusal(file('plan.json', plan), { only: 'o' })).toEqual([
      '"o" could be one or two or four.',
      expect.any(String),
    ])
  })

  test('with an edge to nowhere is refused with its place', async () => {
    const wrong =
      '{"workflow": {"steps": [\n {"id": "a", "adaptor": "common", "expression": "fn(s => s);", "next": "b"}]}}'

    expect(await refusal(file('wrong.json', wrong))).toEqual([
      expect.stringMatching(
        /wrong\.json cannot be run\.\nwrong\.json:2:\d+ {2}workflow\.steps\[0\]\.next: there is no job "b"/,
      ),
      'Mend the file.',
    ])
  })
})

describe('a workflow of a project', () => {
  const project = `name: a-project
credentials:
  ops-other: { name: other, owner: ops@example.org }
workflows:
  w:
    name: W one
    triggers: { webhook: { type: webhook } }
    jobs:
      a: { name: a, adaptor: '@openfn/language-common@latest', credential: ops-other, body: 'fn(s => ({ ...s, user: s.configuration.user }));' }
      b: { name: b, adaptor: '@openfn/language-common@latest', body: { path: ./b.js } }
    edges:
      webhook->a: { source_trigger: webhook, target_job: a, condition_type: js_expression, condition_expression: state.data.go }
      a->b: { source_job: a, target_job: b, condition_type: always }
  v:
    name: V
    triggers: { cron: { type: cron, cron_expression: 0 * * * * } }
    jobs: { c: { name: c, adaptor: '@openfn/language-common@latest', body: 'fn(s => ({ c: 1 }));' } }
    edges: { cron->c: { source_trigger: cron, target_job: c, condition_type: always } }
`
  const credentials = file('credentials.yaml', 'ops@example.org|other: { user: someone }\n')
  file('b.js', 'fn(s => ({ ...s, b: true }));')

  test('runs from its trigger, with credentials out of a map', async () => {
    const path = file('project.yaml', project)

    expect(await run(path, { credentials, stateStdin: '{"data": {"go": true}}' }, 'w')).toEqual({
      code: 0,
      state: { data: { go: true }, user: 'someone', b: true },
    })
    expect(await run(path, { credentials, stateStdin: '{"data": {"go": false}}' }, 'W one')).toMatchObject({
      code: 0,
      state: { data: { go: false } },
    })
    expect(await run(path, {}, 'v')).toEqual({ code: 0, state: { c: 1 } })
  })

  test('must be named when there are several, and its credentials be given', async () => {
    const path = file('project.yaml', project)

    expect(await refusal(path)).toEqual([
      expect.stringMatching(/holds several workflows\.$/),
      expect.stringMatching(/^It has: w, v\./),
    ])
    expect(await refusal(path, {}, 'w')).toEqual([
      'step "a" needs the credential "ops@example.org|other".',
      'Give a map of credentials: --credentials FILE',
    ])
  })
})
