import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { exportProject } from '../../src/lightning/exportProject.ts'
import { renderProblem } from '../../src/project/problem.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('a script goes as it is, a module as one script with its adaptor; edges, labels and triggers stay', async () => {
  const made = await exportProject(
    project({
      'jobs/say.js': 'fn(state => state);\n',
      'jobs/tell.ts': "import { words } from './words.ts'\nexport default [(state: object) => ({ ...state, words })]\n",
      'jobs/words.ts': "export const words: string = 'hello'\n",
    }),
    {},
  )

  if ('problems' in made) throw new Error(made.problems.map(renderProblem).join('\n'))
  const { workflows } = parse(textIn(made.files, 'project.yaml'))
  const { out } = workflows
  expect(textIn(made.files, 'jobs/out/say.js')).toBe('fn(state => state);\n')
  expect(textIn(made.files, 'jobs/out/tell.js')).toContain('hello')
  expect(textIn(made.files, 'jobs/out/tell.js')).toMatch(/\nexport default \[\.\.\.job\.operations\];\n$/)
  expect(out.jobs.tell).toMatchObject({ adaptor: '@openfn/language-http@7.2.10', credential: 'me@example.org-dtp' })
  expect(out.triggers.webhook).toEqual({ type: 'webhook', enabled: false, custom_path: 'in' })
  expect(out.edges['say->tell']).toEqual({
    source_job: 'say',
    target_job: 'tell',
    condition_type: 'js_expression',
    condition_label: 'good ones',
    condition_expression: 'state.data?.good',
    enabled: true,
  })
})

test('what would not run there is named with its place, all at once, and nothing is written', async () => {
  const made = await exportProject(
    project({ 'jobs/say.js': 'fn(s => fetch(s.data.a));\n', 'jobs/tell.ts': 'export default []\n' }, 'tell'),
    {},
  )

  expect('problems' in made ? made.problems.map(renderProblem) : []).toEqual([
    "jobs/say.js:1:9  there is no `fetch` in OpenFn's sandbox. Use the language alone, or an operation.",
    'project.yaml:19:7  workflows.out.jobs.tell: is an old script (settings.json: legacy), whose names Lightning does not have any more. Write it for the adaptor that it names.',
  ])
})

test('a module that asks for Node is refused', async () => {
  const made = await exportProject(
    project({
      'jobs/say.js': 'fn(state => state);\n',
      'jobs/tell.ts': "import { readFileSync } from 'node:fs'\nexport default [() => readFileSync('/a')]\n",
    }),
    {},
  )

  expect('problems' in made ? made.problems.map(({ message }) => message) : []).toEqual([
    'workflows.out.jobs.tell.body.path: asks for node:fs, which a job on Lightning does not find.',
  ])
})

function textIn(files: readonly { readonly path: string; readonly text: string }[], path: string): string {
  return files.find((file) => file.path === path)?.text ?? ''
}

function project(files: Readonly<Record<string, string>>, legacy?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'export-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, 'mappings/gambella'), join(folder, 'mappings/gambella'), { recursive: true })
  const settings = join(folder, 'mappings/gambella/settings.json')
  const content = JSON.parse(readFileSync(settings, 'utf8'))
  if (legacy !== undefined)
    writeFileSync(settings, JSON.stringify({ ...content, jobs: { [legacy]: { legacy: true } } }))
  const all = { 'package.json': '{"exchange":{"country":"gambella"},"type":"module"}', 'project.yaml': yaml, ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const yaml = `name: a-project
credentials:
  dtp:
    name: dtp
    owner: me@example.org
workflows:
  out:
    name: out
    triggers:
      webhook:
        type: webhook
        enabled: false
        custom_path: in
    jobs:
      say:
        name: say
        adaptor: '@openfn/language-common@3.3.4'
        body: { path: ./jobs/say.js }
      tell:
        name: tell
        adaptor: '@openfn/language-http@7.2.10'
        credential: dtp
        body: { path: ./jobs/tell.ts }
    edges:
      a: { source_trigger: webhook, target_job: say, condition_type: always }
      b:
        source_job: say
        target_job: tell
        condition_type: js_expression
        condition_label: good ones
        condition_expression: state.data?.good
`
