import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { check } from '../../src/cli/check.ts'
import { renderProblem } from '../../src/project/problem.ts'
import { dataKeys, signingSecrets, tokenDigests } from '../../src/project/values.ts'
import { exchange } from '../cli/exchange.ts'
import { projectFolder } from '../project/folder.ts'

const workflow = (body: string) => `name: a-project
workflows:
  out:
    name: out
    triggers:
      webhook:
        type: webhook
    jobs:
      send:
        name: send
        adaptor: '@openfn/language-common@3.3.4'
        body: ${body}
      tell:
        name: Send!
        adaptor: '@openfn/language-http@7.2.10'
        body:
          path: ./jobs/tell.mjs
    edges:
      a:
        source_trigger: webhook
        target_job: send
        condition_type: always
      b:
        source_job: send
        target_job: tell
        condition_type: always
`

test('the reference project has no problem, also where it goes to OpenFn', async () => {
  const { code, out, err } = await exchange(['check', '--files', '--portable'])

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^No problem in 4 workflows, 9 jobs, \d+ tables, \d+ fields\.\n$/)
})

test('every problem of project and environment is printed at once, with its place, and nothing else', async () => {
  const cwd = projectFolder(workflow('fn(state => state);'), { 'jobs/tell.mjs': 'export default [1]' })

  expect(await exchange(['check'], { cwd, env: { PORT: 'many' } })).toEqual({
    code: 1,
    out: '',
    err: `project.yaml:14:15  workflows.out.jobs.tell.name: may hold letters, digits, blanks, hyphens and underscores only.
environment  DATA_KEYS: is not set. Make one with: exchange keys data
environment  PRIMERO_URL: is not set.
environment  PRIMERO_USERNAME: is not set.
environment  PRIMERO_PASSWORD: is not set.
environment  DTP_URL: is not set.
environment  DTP_SUBSCRIPTION_KEY: is not set.
environment  INBOX_TOKENS: is not set. Make one with: exchange keys inbox
environment  ADMIN_PASSWORD: is not set.
environment  PORT: is no whole number from 0 to 65535.

10 problems.
`,
  })
})

test('jobs are imported: a syntax error, a wrong element, a missing package and a mistake in project.yaml are named', async () => {
  const job = (key: string, body: string) =>
    `      ${key}: { name: ${key}, adaptor: '@openfn/language-common@3.3.4', body: ${body} }\n`
  const edge = (key: string) =>
    `      ${key}: { source_trigger: webhook, target_job: ${key}, condition_type: always }\n`
  const keys = ['a', 'b', 'c', 'd']
  const cwd = projectFolder(
    `name: a-project
workflows:
  out:
    name: out
    triggers: { webhook: { type: webhook } }
    jobs:
${keys.map((key) => job(key, key === 'd' ? '"fn(state => state);gte(1)"' : `{ path: ./jobs/${key}.ts }`)).join('')}
    edges:
${keys.map(edge).join('')}`,
    {
      'jobs/a.ts': 'const a: number = 1\nexport default [\n  (state) => state }\n]\n',
      'jobs/b.ts': 'export default [1]',
      'jobs/c.ts': "import { fn } from '@openfn/language-nowhere'\nexport default [fn((state) => state)]",
    },
  )

  expect(await exchange(['check', '--files'], { cwd })).toEqual({
    code: 1,
    out: '',
    err: `jobs/a.ts:3:20  Job "a" cannot be imported: Expected "]" but found "}"
jobs/b.ts  Job "b": element 1 of its default export is number, not an operation. An operation is a function of the state, made by a call such as fn(…) or get(…).
jobs/c.ts  Job "c" cannot be imported: Error: Cannot find package '@openfn/language-nowhere' imported from ${cwd}/jobs/c.ts
project.yaml:10:89  "gte" is neither in this file nor in @openfn/language-common.

4 problems.
`,
  })
})

test('--json prints problems as data', async () => {
  const cwd = projectFolder(workflow('{ path: ./jobs/snd.ts }'), { 'jobs/tell.mjs': 'export default []' })

  const { code, out, err } = await exchange(['check', '--files', '--json'], { cwd })

  expect({ code, err }).toEqual({ code: 1, err: '' })
  expect(JSON.parse(out)).toEqual({
    ok: false,
    problems: [
      {
        file: 'project.yaml',
        line: 12,
        column: 23,
        message: 'workflows.out.jobs.send.body.path: there is no file ./jobs/snd.ts.',
      },
      {
        file: 'project.yaml',
        line: 14,
        column: 15,
        message: 'workflows.out.jobs.tell.name: may hold letters, digits, blanks, hyphens and underscores only.',
      },
    ],
    warnings: [],
    counts: {},
  })
})

test('--portable names what OpenFn Lightning would take otherwise', async () => {
  const yaml = `name: a-project
credentials:
  dtp:
    name: dtp
workflows:
  out:
    name: out
    triggers:
      webhook:
        type: webhook
    jobs:
      a:
        name: send it
        adaptor: '@openfn/language-common@3.0.0'
        body: { path: ./jobs/a.mjs }
      b:
        name: Send  it
        adaptor: '@openfn/language-primero@4.0.0'
        body: { path: ./jobs/a.mjs }
      c:
        name: c
        adaptor: '@openfn/language-common@3.3.4'
        body: { path: ./jobs/a.mjs }
    edges:
      a: { source_trigger: webhook, target_job: a, condition_type: js_expression, condition_expression: state.process }
      b: { source_trigger: webhook, target_job: b, condition_type: always }
      c: { source_job: a, target_job: c, condition_type: always }
      d: { source_job: b, target_job: c, condition_type: always }
`
  const cwd = projectFolder(yaml, { 'jobs/a.mjs': 'export default []' })

  const plain = await check(cwd, {}, { files: true })
  const portable = await check(cwd, {}, { files: true, portable: true })

  expect(plain.problems).toEqual([])
  expect(
    portable.problems.map(renderProblem).join('\n'),
  ).toBe(`project.yaml:3:3  credentials.dtp: has no owner. Lightning finds a credential by its name and its owner.
project.yaml:14:18  workflows.out.jobs.a.adaptor: names 3.0.0, but 3.3.4 is installed here and was tested.
project.yaml:17:15  workflows.out.jobs.b.name: becomes the same step id as "send it": send-it.
project.yaml:20:7  workflows.out.jobs.c: follows several jobs: it runs once after each of them, it does not wait.
project.yaml:25:7  workflows.out.edges.a: has no condition_label, which Lightning asks for with js_expression.
project.yaml:25:105  workflows.out.edges.a.condition_expression: has the word "process" in it, which Lightning refuses in a condition.`)
})

test('variables are read from .env in the folder; the ones that are set win; warnings do not fail', async () => {
  const key = Buffer.alloc(32, 1).toString('base64')
  const cwd = projectFolder(workflow('{ path: ./jobs/tell.mjs }').replace('Send!', 'tell'), {
    'jobs/tell.mjs': 'export default []',
  })
  writeFileSync(
    join(cwd, '.env'),
    `PRIMERO_URL=http://127.0.0.1:1
PRIMERO_USERNAME=exchange
PRIMERO_PASSWORD=secret-of-primero
DTP_URL=http://127.0.0.1:2
DTP_SUBSCRIPTION_KEY=secret-of-dtp
INBOX_TOKENS=short
ADMIN_PASSWORD=a-long-admin-password
DATA_KEYS=a:${key}
PORT=many
`,
  )

  const set = await exchange(['check'], { cwd, env: { PORT: '4000' } })

  expect(set).toMatchObject({
    code: 0,
    err: 'warning  INBOX_TOKENS: a token is shorter than 16 characters. Make one with: exchange keys inbox\n',
  })
  expect(set.out).toMatch(/ and the environment\.\n$/)
})

test('an unknown command and an unknown option are answered with the nearest right one', async () => {
  const [command, option] = await Promise.all([exchange(['chekc']), exchange(['check', '--fils'])])

  expect(command).toEqual({
    code: 1,
    out: '',
    err: 'exchange: there is no command "chekc".\n  Did you mean: exchange check\n',
  })
  expect(option).toEqual({
    code: 1,
    out: '',
    err: "exchange: unknown option '--fils'\n(Did you mean --files?)\n  What it takes: add --help\n",
  })
})

test('without a command, help lists the commands and ends with 0', async () => {
  const { code, out, err } = await exchange([])

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('check [options]')
})

test('keys are random and have the form that the environment wants', async () => {
  const [inbox, data] = await Promise.all([exchange(['keys', 'inbox']), exchange(['keys', 'data'])])

  expect(inbox).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^[\w-]{43}\n$/) })
  expect(dataKeys.parse(data.out.trim())).toMatchObject([{ key: { length: 32 } }])
})

test('a token comes with its digest, and a secret for signatures in the form that the environment wants', async () => {
  const [inbox, signing] = await Promise.all([exchange(['keys', 'inbox', '--digest']), exchange(['keys', 'signing'])])

  const [token = '', digest = ''] = inbox.out.split('\n')
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(tokenDigests.parse(digest)).toEqual(tokenDigests.parse(token))
  expect(signingSecrets.parse(signing.out.trim())).toMatchObject([{ length: 32 }])
})

test('the thumbprint of the client certificate is the one that openssl shows', async () => {
  const pair = await generate([{ name: 'commonName', value: 'exchange' }], {
    algorithm: 'sha256',
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: new Date('2099-01-01'),
  })
  const expired = await generate([{ name: 'commonName', value: 'exchange' }], {
    algorithm: 'sha256',
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: new Date('2021-01-01'),
  })
  const cwd = projectFolder('', { 'client.pem': pair.cert, 'old.pem': expired.cert })

  const [own, old, missing] = await Promise.all([
    exchange(['keys', 'thumbprint'], { cwd, env: { DTP_CLIENT_CERT_FILE: 'client.pem' } }),
    exchange(['keys', 'thumbprint', 'old.pem', '--json'], { cwd }),
    exchange(['keys', 'thumbprint'], { cwd }),
  ])

  const sha1 = pair.fingerprint.replaceAll(':', '').toUpperCase()
  expect(own).toMatchObject({ code: 0, err: '' })
  expect(own.out).toMatch(new RegExp(`^SHA-1    ${sha1}\nSHA-256  [0-9A-F]{64}\nValid    2020-01-01 to 2099-01-01\n$`))
  expect(JSON.parse(old.out)).toMatchObject({ valid_to: '2021-01-01T00:00:00.000Z' })
  expect(old).toMatchObject({
    code: 1,
    err: 'exchange: the certificate is not valid today.\n  Ask its authority for a new one.\n',
  })
  expect(missing).toMatchObject({
    code: 1,
    err: 'exchange: DTP_CLIENT_CERT is not set.\n  Set it, or name a file: exchange keys thumbprint FILE\n',
  })
})
