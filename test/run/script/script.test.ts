import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Job } from '../../../src/project/types.ts'
import { checkJob } from '../../../src/run/checkJob.ts'
import { RunStop } from '../../../src/run/failure.ts'
import { loadJob } from '../../../src/run/job.ts'
import type { State } from '../../../src/run/types.ts'
import { running, said } from '../running.ts'

const folder = mkdtempSync(join(tmpdir(), 'scripts-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0

function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

function jobOf(script: string, adaptor = '@openfn/language-common@3.3.4'): Job {
  count += 1
  return { key: 'send', name: 'send', adaptor, body: { path: file(`job-${count}.js`, script) } }
}

async function runScript(script: string, input: State = { data: {} }, adaptor?: string) {
  const job = jobOf(script, adaptor)
  return running({
    jobs: { send: [] },
    edges: ['trigger->send'],
    input,
    options: { loadJob: (_, state) => loadJob(job, { state }) },
  })
}

async function refusal(script: string, adaptor?: string) {
  const error = await loadJob(jobOf(script, adaptor)).catch((thrown: unknown) => thrown)
  return error instanceof RunStop ? [error.stop, error.message.replaceAll(`${folder}/`, ''), error.hint] : error
}

describe('an unmodified OpenFn script runs', () => {
  test('from its file, with its adaptor’s operations, execute and $', async () => {
    const script =
      "fn(state => ({ ...state, n: 1 }));\neach('$.data.rows[*]', fn(state => { state.seen = [...(state.seen ?? []), state.data.id]; return state }));\nfn($ => ({ ...$, last: $.seen.length }));"

    const { state, final } = await runScript(script, { data: { rows: [{ id: 1 }, { id: 2 }] } })

    expect({ state, final }).toEqual({
      state: 'success',
      final: { data: { id: 2 }, n: 1, seen: [1, 2], index: 1, last: 2 },
    })
  })

  test('out of project.yaml', async () => {
    const job: Job = {
      key: 'a',
      name: 'a',
      adaptor: '@openfn/language-common@3.3.4',
      body: { text: 'fn(s => ({ ...s, x: 1 }));' },
    }

    const { operations, execute } = await loadJob(job)

    expect(operations).toHaveLength(1)
    expect(execute).toBeTypeOf('function')
  })

  test('with .catch: right on the operation it gets error and state, behind .then the error alone', async () => {
    const { final } = await runScript(
      "fn(() => { throw new Error('a') }).catch((error, state) => ({ ...state, first: [error.message, state.data] }));\n" +
        "fn(s => s).then(s => { throw new Error('b') }).catch((...all) => ({ second: all.length }));",
      { data: 1 },
    )

    expect(final).toEqual({ second: 1 })
  })

  test('with helper files and packages of its own', async () => {
    file('lib/helper.mjs', 'export const twice = (n) => 2 * n; export default 7')
    file('lib/table.json', '{"a": 1}')
    file(
      'node_modules/own-package/package.json',
      '{"name":"own-package","type":"module","exports":{".":{"import":"./main.js"},"./sub":"./sub.js"}}',
    )
    file('node_modules/own-package/main.js', 'export const own = 3')
    file('node_modules/own-package/sub.js', 'export const sub = 4')
    const script =
      "import seven, { twice as double } from './lib/helper.mjs';\nimport * as all from './lib/helper.mjs';\nimport table from './lib/table.json';\n" +
      "import { own } from 'own-package';\nimport { sub } from 'own-package/sub';\nimport { join } from 'path';\n" +
      "fn(async state => ({ seven, n: double(2), all: all.twice(1), a: table.a, own, sub, path: join('a', 'b'), later: (await import('own-package')).own }));"

    const { final } = await runScript(script)

    expect(final).toEqual({ seven: 7, n: 4, all: 2, a: 1, own: 3, sub: 4, path: 'a/b', later: 3 })
  })

  test('with a list and an execute of its own', async () => {
    const { final } = await runScript(
      "import { fn } from '@openfn/language-common';\nexport const execute = (...operations) => state => ({ count: operations.length });\nexport default [fn(s => s), fn(s => s)];",
    )

    expect(final).toEqual({ count: 2 })
  })

  test('without the adaptor’s execute when it imports its operations itself, as in OpenFn', async () => {
    const { final } = await runScript("import { fn } from '@openfn/language-common';\nexport default [fn(s => s)];", {
      data: 1,
    })

    expect(final).toEqual({ data: 1 })
  })

  test('anew for each step: variables do not live on', async () => {
    const job = jobOf('let n = 0;\nfn(() => ({ n: ++n }));')

    const run = async () => (await loadJob(job)).operations[0]?.({})

    expect([await run(), await run()]).toEqual([{ n: 1 }, { n: 1 }])
  })
})

describe('a script that fails says where', () => {
  test('in an operation: number, name, line and column', async () => {
    const { errors, lines } = await runScript('fn(s => s);\n\nfn(state => {\n  return state.data.x.y;\n});\n')

    const at = expect.stringMatching(/job-\d+\.js:4:23$/)
    expect(errors).toEqual([
      expect.objectContaining({ name: 'RuntimeError', severity: 'fail', operation: 2, operationName: 'fn', at }),
    ])
    expect(errors[0]?.message).toMatch(
      /^Operation 2 of step "send" \(fn, .*job-\d+\.js:4:23\) threw an unforeseen TypeError\.$/,
    )
    expect(said(lines, 'step failed')).toEqual([expect.objectContaining({ operation: 2, at })])
  })

  test('in the adaptor: where the operation is called', async () => {
    const { errors } = await runScript('\n  each(7, fn(s => s));')

    expect(errors[0]).toMatchObject({
      operation: 1,
      operationName: 'each',
      at: expect.stringMatching(/job-\d+\.js:2:3$/),
    })
  })

  test('behind moved and rewritten code too', async () => {
    const { errors } = await runScript(
      'fn(s => s).catch((e, s) => s).then(\n  s => s.a.b);\nconst late = 1;\nfn(s => { late(); });',
    )

    expect(errors[0]?.at).toMatch(/:2:12$/)
  })

  test('inside project.yaml: its line there', async () => {
    const job: Job = {
      key: 'send',
      name: 'send',
      adaptor: '@openfn/language-common@3.3.4',
      body: { text: 'fn(s => s);\nfn(s => s.a.b);\n', file: '/x/project.yaml', begins: { line: 14, column: 11 } },
    }

    const { errors } = await running({
      jobs: { send: [] },
      edges: ['trigger->send'],
      options: { loadJob: (_, state) => loadJob(job, { state }) },
    })

    expect(errors[0]?.at).toBe('/x/project.yaml:15:23')
  })

  test('while it is loaded: a TypeError fails the step, as in OpenFn, a ReferenceError ends the run', async () => {
    const failed = await runScript('each(undefined, fn(s => s));')
    const crashed = await runScript('const a = b;\nlet b = 1;')

    expect(failed.errors).toMatchObject([{ severity: 'fail', at: expect.stringMatching(/:1:1$/) }])
    expect(crashed.errors).toMatchObject([
      { name: 'RuntimeCrash', severity: 'crash', at: expect.stringMatching(/:1:11$/) },
    ])
  })
})

describe('a script that cannot run is refused', () => {
  test.each([
    [
      'gte(1)',
      'CompileError',
      'Job "send" cannot be compiled: N.js:1:1: "gte" is neither in this file nor in @openfn/language-common.',
      undefined,
    ],
    [
      'export default 5',
      'InvalidExportsError',
      'Job "send" has no default export that is a list of operations.',
      'End the file with: export default [operation, …]',
    ],
    [
      'const f = () => 5; f();',
      'InvalidOperationError',
      'Job "send": N.js:1:20: f(…) is number, not an operation.',
      'An operation is a function of the state, made by a call such as fn(…) or get(…).',
    ],
    [
      "import { ecah } from '@openfn/language-common'; export default []",
      'ImportError',
      'N.js: "@openfn/language-common" does not export "ecah".',
      'Did you mean "each"?',
    ],
    [
      "import x from 'no-such'; export default []",
      'ImportError',
      'N.js: there is no module "no-such".',
      'Install it with npm.',
    ],
    [
      "import './none.js'; export default []",
      'ImportError',
      'N.js: there is no module "./none.js".',
      'Paths are relative to the file that imports them.',
    ],
  ])('%s', async (script, stop, message, hint) => {
    const [foundStop, foundMessage, foundHint] = (await refusal(script)) as string[]

    expect([foundStop, foundMessage?.replace(/job-\d+\.js/, 'N.js')]).toEqual([stop, message])
    if (hint !== undefined) expect(foundHint).toBe(hint)
  })

  test('an adaptor that is not installed', async () => {
    expect(await refusal('fn(s => s)', '@openfn/language-dhis2@1.0.0')).toEqual([
      'ImportError',
      expect.stringContaining('there is no module "@openfn/language-dhis2".'),
      'Install it with npm.',
    ])
  })
})

describe('check', () => {
  test('finds all that is wrong, with line and column', async () => {
    const { problems } = await checkJob(jobOf('fn($);\nconsole.log(1);'))

    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 4],
      [2, 1],
    ])
  })

  test('runs the statements of the script, but no operation', async () => {
    const { problems } = await checkJob(
      jobOf("fn(() => { throw new Error('never') });\nconst a = null;\nconst b = a.c;"),
    )

    expect(problems).toEqual([
      {
        line: 3,
        column: 13,
        message: `Job "send" cannot be loaded: TypeError: Cannot read properties of null (reading 'c')`,
      },
    ])
  })

  test('warns of what a function may never reach', async () => {
    const { problems, warnings } = await checkJob(jobOf('fn(s => nothing);'))

    expect(problems).toEqual([])
    expect(warnings).toMatchObject([{ line: 1, column: 9 }])
  })
})

describe('an old script', () => {
  const context = { oldNames: { http: { post: () => (s: State) => s }, fn: () => () => ({ old: true }) } }

  test('finds old names before those of its adaptor, and the state while it is loaded', async () => {
    const job = jobOf(
      'each(state.data.rows, combine(s => ({ ...s, rows: [...(s.rows ?? []), s.data] })));\nhttp.post({});',
    )

    const { operations } = await loadJob(job, { ...context, state: { data: { rows: [1, 2] } } })
    const end = await operations[0]?.({ data: {} })

    expect(operations).toHaveLength(2)
    expect(end).toMatchObject({ rows: [1, 2] })
  })

  test('is not run by check, because it may look at the state', async () => {
    const { problems } = await checkJob(jobOf('each(state.data.rows.none, fn(s => s));'), context.oldNames)

    expect(problems).toEqual([])
  })
})

test('a place in a folded script is told as a line of the script', async () => {
  const job: Job = {
    key: 'send',
    name: 'send',
    adaptor: '@openfn/language-common@3.3.4',
    body: { text: 'fn(s => s);\ngte(1);' },
  }

  const { problems } = await checkJob(job)

  expect(problems).toEqual([
    { message: 'line 2:1 of its script: "gte" is neither in this file nor in @openfn/language-common.' },
  ])
})
