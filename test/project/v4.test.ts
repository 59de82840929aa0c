import { expect, test } from 'vitest'
import { loadProject } from '../../src/project/load.ts'
import { renderProblem } from '../../src/project/problem.ts'
import { projectFolder } from './folder.ts'

const yaml = `id: a-project
name: a-project
schema_version: '4.0'
collections:
  - name: sent
credentials:
  - name: dtp
    owner: ops@example.org
workflows:
  - id: out
    name: out
    start: cron
    steps:
      - id: cron
        name: cron
        type: cron
        enabled: true
        cron_expression: '*/15 * * * *'
        cron_cursor_job_id: get
        next: get
      - id: get
        name: get
        adaptor: '@openfn/language-primero@4.1.2'
        configuration: ops@example.org|dtp
        expression: |
          getCases({ remote: true });
        next:
          send:
            condition: on_job_success
          alert:
            condition: '!state.cases'
            label: nothing fetched
            disabled: true
          tell: state.data?.n > 1
          log: true
          never: false
          plain:
            label: no condition
      - id: send
        adaptor: '@openfn/language-http@7.2.10'
        configuration: ops@example.org|dtp
        expression: ./jobs/send.js
      - { id: alert, adaptor: '@openfn/language-http@7.2.10', expression: 'fn(state => state);' }
      - { id: tell, adaptor: '@openfn/language-http@7.2.10', expression: 'fn(state => state);' }
      - { id: log, adaptor: '@openfn/language-http@7.2.10', expression: 'fn(state => state);' }
      - { id: never, adaptor: '@openfn/language-http@7.2.10', expression: 'fn(state => state);' }
      - { id: plain, adaptor: '@openfn/language-http@7.2.10', expression: 'fn(state => state);' }
`

test('specification 4.0 is read into the same project', async () => {
  const root = projectFolder(yaml, { 'jobs/send.js': '' })

  const loaded = await loadProject(root)

  if ('problems' in loaded) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  const { workflows, credentials } = loaded.project
  const { trigger, jobs, edges } = workflows.out ?? expect.fail('no workflow')
  expect(credentials).toEqual({ 'ops@example.org|dtp': { name: 'dtp' } })
  expect(trigger).toEqual({ key: 'cron', type: 'cron', enabled: true, cron: '*/15 * * * *' })
  expect(jobs.get).toEqual({
    key: 'get',
    name: 'get',
    adaptor: '@openfn/language-primero@4.1.2',
    credential: 'ops@example.org|dtp',
    body: {
      text: 'getCases({ remote: true });\n',
      file: `${root}/project.yaml`,
      begins: { line: 26, column: 11 },
    },
  })
  expect(jobs.send?.body).toEqual({ path: `${root}/jobs/send.js` })
  expect(
    edges.map(({ key, from, condition, expression, label, enabled }) => [
      key,
      from,
      condition,
      expression,
      label,
      enabled,
    ]),
  ).toEqual([
    ['cron->get', { trigger: 'cron' }, 'always', undefined, undefined, true],
    ['get->send', { job: 'get' }, 'on_job_success', undefined, undefined, true],
    ['get->alert', { job: 'get' }, 'js_expression', '!state.cases', 'nothing fetched', false],
    ['get->tell', { job: 'get' }, 'js_expression', 'state.data?.n > 1', undefined, true],
    ['get->log', { job: 'get' }, 'always', undefined, undefined, true],
    ['get->never', { job: 'get' }, 'always', undefined, undefined, false],
    ['get->plain', { job: 'get' }, 'always', undefined, 'no condition', true],
  ])
})

test('problems of specification 4.0 have their places too', async () => {
  const wrong = yaml
    .replace('next: get', 'next: gt')
    .replace('cron_cursor_job_id: get', 'cron_cursor_job_id: gte')
    .replace('    owner: ops@example.org\n', '    owner: ops@example.org\n    ownr: x\n')
    .replace('          log: true', '          lgo: true')

  const loaded = await loadProject(projectFolder(wrong, { 'jobs/send.js': '' }))

  expect('problems' in loaded && loaded.problems.map(renderProblem)).toEqual([
    'project.yaml:9:5  credentials[0].ownr: OpenFn has no such key here. Did you mean "owner"?',
    'project.yaml:20:29  workflows[0].steps[0].cron_cursor_job_id: there is no job "gte". Did you mean "get"?',
    'project.yaml:21:15  workflows[0].steps[0].next: there is no job "gt". Did you mean "get"?',
    'project.yaml:36:16  workflows[0].steps[1].next.lgo: there is no job "lgo". Did you mean "log"?',
  ])
})

test('another version of the specification is refused', async () => {
  const loaded = await loadProject(projectFolder(yaml.replace("'4.0'", "'5.0'"), { 'jobs/send.js': '' }))

  expect('problems' in loaded && loaded.problems.map(renderProblem)).toEqual([
    'project.yaml:3:17  schema_version: must be "4.0", the newest that is known here.',
  ])
})
