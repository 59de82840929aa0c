import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { check } from '../../src/cli/check.ts'
import { importProject } from '../../src/lightning/importProject.ts'
import { loadProject } from '../../src/project/load.ts'
import { renderProblem } from '../../src/project/problem.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sample = join(root, 'test/lightning/real-life.yaml')

let work: string
let folder: string
let told: { ok: boolean; files: string[]; legacy: string[]; changed: never[]; lost: never[] }
let code: unknown

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'import-'))
  folder = join(work, 'imported')
  const ended = await promisify(execFile)(
    process.execPath,
    [join(root, 'bin/exchange.js'), 'import', sample, '--out', folder, '--json'],
    { cwd: work },
  ).catch((error: { code: unknown; stdout: string }) => error)
  code = 'code' in ended ? ended.code : 0
  told = JSON.parse(ended.stdout)
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

test('a project with dots, arrows, nulls and @latest becomes one that check accepts', async () => {
  const { problems } = await check(folder, {}, { files: true })

  expect(problems).toEqual([])
  const loaded = await loadProject(folder)
  expect('project' in loaded ? Object.keys(loaded.project.workflows) : []).toEqual([
    'Flow1.-Receive-Children',
    'Flow2.-Send-Hourly',
  ])
})

test('old scripts get their old names by settings.json, and no other job does', () => {
  const settings = JSON.parse(readFileSync(join(folder, 'mappings/gambella/settings.json'), 'utf8'))

  expect(told.legacy).toEqual(['1.-Make-Cases', '2.-Tell-About-Failure'])
  expect(settings.jobs).toEqual({ '1.-Make-Cases': { legacy: true }, '2.-Tell-About-Failure': { legacy: true } })
})

test('scripts stay as they are; one that would send a key is replaced by one that says so, and lies beside it', () => {
  const { workflows } = parse(readFileSync(sample, 'utf8'))
  const { jobs } = workflows['Flow1.-Receive-Children']
  const at = join(folder, 'jobs/Flow1.-Receive-Children')

  expect(readFileSync(join(at, '2.-Tell-About-Failure.js'), 'utf8')).toBe(jobs['2.-Tell-About-Failure'].body)
  expect(readFileSync(join(at, '3.-Leave-A-Key.js'), 'utf8')).toContain('could not be taken over')
  expect(readFileSync(join(at, '3.-Leave-A-Key.js.original'), 'utf8')).toBe(jobs['3.-Leave-A-Key'].body)
})

test('what is left out or does not work is listed with its place, and the exit code is 2', () => {
  const lines = told.lost.map(renderProblem)

  expect(code).toBe(2)
  expect(told.ok).toBe(false)
  for (const part of [
    'real-life.yaml:55:24  workflows."Flow1.-Receive-Children".triggers.webhook.webhook_reply: the inbox answers',
    'real-life.yaml:75:3  workflows."Flow2.-Send-Hourly": each run begins with an empty state here',
    'real-life.yaml:77:5  workflows."Flow2.-Send-Hourly".retention: OpenFn has no such key here',
    'jobs.Ask-A-Stranger: no edge leads to it from the trigger',
    'there is no adaptor "@openfn/language-stranger" here',
    'triggers.cron.cron_cursor_job: no state is handed from run to run',
    '2.-Tell-About-Failure.js:7:10  reads configuration.gatewayUrl',
    '2.-Tell-About-Failure.js:9:25  reads configuration.gateway-key',
    '3.-Leave-A-Key.js.original:1:15  post(url, { … }) would send a private key',
  ])
    expect(lines.filter((line) => line.includes(part))).toHaveLength(1)
})

test('what is otherwise here is listed apart: names, versions, credentials, addresses', () => {
  const text = told.changed.map(renderProblem).join('\n')

  expect(text).toContain('adaptor: is @openfn/language-primero@4.1.2 here.')
  expect(text).toContain('name: is "1- Make Cases" here.')
  expect(text).toContain('"gateway" is the credential dtp here')
  expect(text).toContain('its address is /i/Flow1.-Receive-Children here.')
})

test('a file of specification 4.0 is taken over as well; a file that is no project is refused', async () => {
  const file = join(work, 'four.yaml')
  writeFileSync(
    file,
    [
      "schema_version: '4.0'",
      'id: four',
      'name: four',
      'workflows:',
      '  - id: in',
      '    name: in',
      '    start: webhook',
      '    steps:',
      '      - { id: webhook, name: webhook, type: webhook, enabled: true, next: say }',
      "      - { id: say, name: say, adaptor: '@openfn/language-common@latest', expression: 'fn(state => state);' }",
    ].join('\n'),
  )
  writeFileSync(join(work, 'none.yaml'), 'a: b')

  const four = await importProject(file, async () => [])
  const none = await importProject(join(work, 'none.yaml'), async () => [])

  expect(four).toMatchObject({ legacy: [], lost: [] })
  expect('files' in four ? four.files.map(({ path }) => path) : []).toEqual(['project.yaml', 'jobs/in/say.js'])
  expect(none).toMatchObject({ problems: [{ message: 'holds no workflow of an OpenFn project.' }] })
})
