import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type ExportedFile, exportProject } from '../../src/lightning/exportProject.ts'
import type { Draft } from '../../src/project/draft.ts'
import { renderPath } from '../../src/project/finding.ts'
import { ruleFindings } from '../../src/project/rules.ts'
import { readV3 } from '../../src/project/v3.ts'
import { readV4 } from '../../src/project/v4.ts'
import { compileScript } from '../../src/run/script/compile.ts'
import { moduleOf } from '../../src/run/script/module.ts'
import { freeNames } from '../../src/run/script/names.ts'
import { parseScript } from '../../src/run/script/syntax.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

let files: readonly ExportedFile[]
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? ''

beforeAll(async () => {
  const made = await exportProject(root, {})
  if ('problems' in made) throw new Error(JSON.stringify(made.problems))
  files = made.files
})

describe('what is exported', () => {
  test('breaks no rule of the format, in either of its two files', () => {
    expect(findingsIn(readV3(parse(textOf('project.yaml'))))).toEqual([])
    expect(findingsIn(readV4(parse(textOf('lightning.yaml'))))).toEqual([])
  })

  test('is the same project in both: workflows, jobs, adaptors, edges, conditions and labels', () => {
    const three = readV3(parse(textOf('project.yaml'))).draft
    const four = readV4(parse(textOf('lightning.yaml'))).draft

    expect(shape(four)).toEqual(shape(three))
    expect(three.workflows.map(({ key }) => key)).toEqual([
      'dtp-inbox',
      'send-decisions',
      'send-referrals',
      'watch-consent',
    ])
  })

  test('names exact versions, credentials by owner and name, and its collection', () => {
    const { collections, credentials, workflows } = parse(textOf('lightning.yaml'))
    const steps: Step[] = workflows.flatMap((workflow: { steps: Step[] }) => workflow.steps)
    const jobs = steps.filter(({ type }) => type === undefined)

    expect(collections).toEqual([{ name: 'primero-progres-exchange-state' }])
    expect(jobs.filter(({ adaptor = '' }) => !/^@openfn\/language-\w+@\d+\.\d+\.\d+$/.test(adaptor))).toEqual([])
    const known = credentials.map(({ owner, name }: Record<string, string>) => `${owner}|${name}`)
    expect(jobs.filter(({ configuration }) => configuration !== undefined && !known.includes(configuration))).toEqual(
      [],
    )
    expect(steps.filter(({ next }) => typeof next === 'string')).toEqual([])
  })

  test('holds no address and no secret', () => {
    const all = files.map(({ text }) => text).join('\n')

    expect(all).not.toMatch(/PRIVATE KEY-----|https?:\/\/(?!json-schema\.org|[\w.]*example\.org)[a-z]/)
  })
})

describe('a bundled job', () => {
  /** The language, and what the sandbox adds to it. */
  const there = new Set([
    ...Object.getOwnPropertyNames(globalThis).filter((name) =>
      /^(?!WebAssembly|DOMException|Blob|Buffer)[A-Z]\w+(?<!URL|URLSearchParams)$/.test(name),
    ),
    ...['parseInt', 'parseFloat', 'encodeURIComponent', 'decodeURIComponent', 'unescape', 'isNaN'],
    ...['setTimeout', 'clearTimeout', 'console'],
  ])
  /** One that receives and one that sends hold nearly everything that is bundled. */
  const scripts = () => files.filter(({ path }) => /(receive|send)-referrals\.js$/.test(path))

  test('asks for nothing that the sandbox does not have', () => {
    const asked = scripts().flatMap(({ path, text }) => {
      const parsed = parseScript(text)
      if ('problem' in parsed) throw new Error(`${path}: ${parsed.problem.message}`)
      return freeNames(parsed.program).map(({ name }) => name)
    })

    const foreign = ['URL', 'Buffer', 'process', 'crypto', 'fetch', 'TextEncoder', 'structuredClone', 'AbortController']
    expect(asked.filter((name) => !there.has(name) || foreign.includes(name))).toEqual([])
  })

  test('is left as it is by the compiler, and makes its operations before any state exists', () => {
    const adaptors = [
      { specifier: '@openfn/language-http', exports: new Set(['fn', 'get', 'post', 'each', 'map', 'field']) },
    ]
    for (const { text } of scripts().slice(0, 1)) {
      const compiled = compileScript(text, { adaptors })

      expect('script' in compiled ? moduleOf(compiled.script).code : compiled.problems).toBe(text)
    }
  })
})

describe('each limit of the format is held', () => {
  test.each<readonly [string, (project: Project) => void, string]>([
    ['a name in capitals', (p) => (p.name = 'Project'), 'name: may hold small letters'],
    ['no name', (p) => delete p.name, 'name: is missing'],
    ['a description of 241 characters', (p) => (p.description = 'x'.repeat(241)), 'description: is longer than 240'],
    ['a key of our own', (p) => (p.ours = true), 'ours: OpenFn has no such key here'],
    ['a key of our own in a job', (p) => (first(p).ours = true), '.ours: OpenFn has no such key here'],
    ['a job name of 101 characters', (p) => (first(p).name = 'x'.repeat(101)), '.name: is longer than 100'],
    ['a dot in a job name', (p) => (first(p).name = 'a.b'), '.name: may hold letters, digits'],
    ['two jobs of a name', (p) => (first(p).name = 'report-to-dtp'), 'there is another job with the name'],
    ['no adaptor', (p) => (first(p).adaptor = ''), '.adaptor: is empty'],
    [
      'an adaptor without its version',
      (p) => (first(p).adaptor = '@openfn/language-http@latest'),
      'names no exact version',
    ],
    ['no body', (p) => (first(p).body = ''), '.body: is empty'],
    ['an unknown credential', (p) => (first(p).credential = 'nobody-nothing'), 'there is no credential'],
    ['two workflows of a name', (p) => (inbox(p).name = 'send-decisions'), 'another workflow with the name'],
    [
      'two triggers',
      (p) => (inbox(p).triggers.cron = { type: 'cron', cron_expression: '0 * * * *' }),
      'must have one trigger',
    ],
    [
      'a trigger of no known type',
      (p) => (inbox(p).triggers.webhook = { type: 'mail' }),
      'is none of webhook, cron, kafka',
    ],
    [
      'a cron expression that is none',
      (p) => (p.workflows['send-decisions'].triggers.cron.cron_expression = '0 99 * * *'),
      'cron_expression',
    ],
    ['a condition of no known type', (p) => (edge(p).condition_type = 'sometimes'), 'condition_type: is none of'],
    ['success of a trigger', (p) => (edge(p).condition_type = 'on_job_success'), 'cannot be on_job_success'],
    [
      'an expression of 256 characters',
      (p) => (edge(p).condition_expression = `'${'x'.repeat(254)}'`),
      'is longer than 255',
    ],
    [
      'an expression that is none',
      (p) => (edge(p).condition_expression = 'state.data ==='),
      'is no JavaScript expression',
    ],
    [
      'a label of 256 characters',
      (p) => (edge(p).condition_label = 'x'.repeat(256)),
      'condition_label: is longer than 255',
    ],
    ['an edge to no job', (p) => (edge(p).target_job = 'nowhere'), 'there is no job "nowhere"'],
    [
      'an edge from two sources',
      (p) => (edge(p).source_job = 'report-to-dtp'),
      'either a source_trigger or a source_job',
    ],
  ])('%s is refused', (_, spoil, message) => {
    const project: Project = parse(textOf('project.yaml'))
    spoil(project)

    const findings = findingsIn(readV3(parse(stringify(project))))

    expect(findings.filter((line) => line.includes(message))).not.toEqual([])
  })
})

interface Step {
  readonly type?: string
  readonly adaptor?: string
  readonly configuration?: string
  readonly next?: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: documents that are to be spoiled
type Project = Record<string, any>

const inbox = (project: Project) => project.workflows['dtp-inbox']
const first = (project: Project) => inbox(project).jobs['receive-referrals']
const edge = (project: Project) => inbox(project).edges['webhook->receive-referrals']

function findingsIn({ draft, findings }: ReturnType<typeof readV3>): readonly string[] {
  const adaptorProblem = (specifier: string) =>
    /@\d+\.\d+\.\d+$/.test(specifier) ? undefined : { message: `"${specifier}" names no exact version.` }
  const rules = ruleFindings(draft, { isFile: (path) => textOf(path.replace('./', '')) !== '', adaptorProblem })
  return [...findings, ...rules].map(({ at, message }) => `${renderPath(at)}: ${message}`)
}

function shape({ workflows }: Draft): unknown {
  return workflows.map(({ key, name, jobs, triggers, edges }) => ({
    key,
    name: name.value,
    jobs: jobs.map((job) => [job.key, job.name.value, job.adaptor.value]),
    triggers: triggers.map(({ type, enabled, cron }) => [type.value, enabled, cron?.value]),
    edges: edges
      .map(({ from, to, condition, expression, label, enabled }) =>
        JSON.stringify([from.value, to.value, condition.value, expression?.value, label?.value, enabled]),
      )
      .toSorted(),
  }))
}
