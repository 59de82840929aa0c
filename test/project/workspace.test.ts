import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadProject } from '../../src/project/load.ts'
import { renderProblem } from '../../src/project/problem.ts'
import { projectFolder } from './folder.ts'

const openfn = `project: { id: a-project, name: a project, uuid: 1-2 }
workspace: { credentials: credentials.yaml, dirs: { workflows: workflows } }
`

const out = `id: out
name: out
start: cron
openfn: { uuid: 3-4 }
steps:
  - id: cron
    name: cron
    type: cron
    enabled: true
    cron_expression: 0 * * * *
    next: { get: true }
  - id: get
    adaptor: '@openfn/language-http@7.2.10'
    configuration: ops@example.org|dtp
    openfn: { uuid: 5-6 }
    expression: ./get.js
    next: { send: { condition: on_job_success, disabled: false, label: fine }, tell: false }
  - id: send
    adaptor: '@openfn/language-http@7.2.10'
    expression: |
      fn(s => s);
  - { id: tell, adaptor: '@openfn/language-http@7.2.10', expression: 'fn(s => s);' }
`

/** A workspace instead of a project.yaml. */
function workspace(files: Readonly<Record<string, string>>): string {
  const root = projectFolder('', { 'openfn.yaml': openfn, ...files })
  rmSync(join(root, 'project.yaml'))
  return root
}

test('the workspace of OpenFn’s command line is a project', async () => {
  const root = workspace({
    'workflows/out/out.yaml': out,
    'workflows/out/get.js': '',
    'workflows/in.json': JSON.stringify({
      workflow: {
        id: 'in',
        steps: [
          { id: 'webhook', type: 'webhook', next: 'take' },
          { id: 'take', adaptor: '@openfn/language-common@3.3.4', expression: 'fn(s => s);' },
        ],
      },
      options: {},
    }),
    'workflows/notes.yaml': 'no: workflow',
  })

  const loaded = await loadProject(root)

  if ('problems' in loaded) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  const { workflows, credentials, name } = loaded.project
  expect({ name, credentials: { ...credentials } }).toEqual({
    name: 'a-project',
    credentials: { 'ops@example.org|dtp': { name: 'dtp' } },
  })
  expect(Object.keys(workflows).sort()).toEqual(['in', 'out'])
  expect(workflows.out?.jobs.get).toMatchObject({
    body: { path: join(root, 'workflows/out/get.js') },
    credential: 'ops@example.org|dtp',
  })
  expect(workflows.out?.jobs.send?.body).toEqual({
    text: 'fn(s => s);\n',
    file: join(root, 'workflows/out/out.yaml'),
    begins: { line: 21, column: 7 },
  })
  expect(workflows.out?.edges.map(({ key, enabled }) => [key, enabled])).toEqual([
    ['cron->get', true],
    ['get->send', true],
    ['get->tell', false],
  ])
  expect(workflows.in?.trigger).toEqual({ key: 'webhook', type: 'webhook', enabled: true })
})

test('what is wrong in it has its own file and line', async () => {
  const root = workspace({
    'workflows/out/out.yaml': out.replace('next: { send:', 'next: { sned:'),
    'workflows/in.json': '{"workflow": {"id": "in",\n "steps": [{"id": "webhook", "type": "mail"}]}}',
  })

  const loaded = await loadProject(root)

  const problems = 'problems' in loaded ? loaded.problems.map(renderProblem) : []
  expect(problems.map((problem) => problem.split('  ')[0])).toEqual(
    expect.arrayContaining(['workflows/in.json:2:38', 'workflows/out/out.yaml:16:17', 'workflows/out/out.yaml:17:13']),
  )
})
