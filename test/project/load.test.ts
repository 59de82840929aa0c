import { expect, test } from 'vitest'
import { loadProject, readWorkflows } from '../../src/project/load.ts'
import { renderProblem } from '../../src/project/problem.ts'
import { projectFolder, repository, yamlFolder } from './folder.ts'

const job = 'export default []'

const jobs = { 'jobs/get.ts': job, 'jobs/send.ts': job }

function problemsOf(yaml: string): string[] {
  const read = readWorkflows(yamlFolder(yaml, jobs))
  return 'problems' in read ? read.problems.map(renderProblem) : []
}

/** A project that is fine; each test puts one thing wrong. */
const fine = `name: a-project
credentials:
  dtp:
    name: dtp
    owner: ops@example.org
workflows:
  out:
    name: out
    triggers:
      cron:
        type: cron
        cron_expression: '0 * * * *'
    jobs:
      get-cases:
        name: get cases
        adaptor: '@openfn/language-primero@4.1.2'
        credential: dtp
        body:
          path: ./jobs/get.ts
      send-cases:
        name: send cases
        adaptor: '@openfn/language-http@7.2.10'
        credential: dtp
        body:
          path: ./jobs/send.ts
    edges:
      cron->get-cases:
        source_trigger: cron
        target_job: get-cases
        condition_type: always
      get-cases->send-cases:
        source_job: get-cases
        target_job: send-cases
        condition_type: on_job_success
`

test('the reference project has the four workflows of the README', async () => {
  const loaded = await loadProject(repository)

  if ('problems' in loaded) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  const { project } = loaded
  expect(
    Object.values(project.workflows).map(({ key, trigger, jobs }) => [key, trigger.type, Object.keys(jobs)]),
  ).toEqual([
    ['dtp-inbox', 'webhook', ['receive-referrals', 'report-to-dtp', 'receive-decisions', 'refuse-message']],
    ['send-decisions', 'cron', ['get-decisions', 'send-decisions']],
    ['send-referrals', 'cron', ['get-referrals', 'send-referrals']],
    ['watch-consent', 'cron', ['watch-consent']],
  ])
  expect(project.specification.country).toBe('gambella')
})

test('a project is frozen through and through', async () => {
  const loaded = await loadProject(projectFolder(fine, jobs))

  if ('problems' in loaded) throw new Error('not loaded')
  const { workflows } = loaded.project
  expect(() => Object.assign(workflows.out?.jobs['get-cases'] ?? {}, { adaptor: 'x' })).toThrow(TypeError)
})

test('only what the project names can be found in it', async () => {
  const loaded = await loadProject(projectFolder(fine, jobs))

  if ('problems' in loaded) throw new Error('not loaded')
  expect(loaded.project.workflows.constructor).toBeUndefined()
  expect(loaded.project.workflows.out?.jobs.toString).toBeUndefined()
})

test.each([
  [
    'a mistyped job',
    ['target_job: send-cases', 'target_job: sned-cases'],
    [
      'project.yaml:33:21  workflows.out.edges.get-cases->send-cases.target_job: there is no job "sned-cases". Did you mean "send-cases"?',
    ],
  ],
  [
    'a mistyped source',
    ['source_job: get-cases', 'source_job: get-case'],
    [
      'project.yaml:32:21  workflows.out.edges.get-cases->send-cases.source_job: there is no job "get-case". Did you mean "get-cases"?',
    ],
  ],
  [
    'a trigger that does not exist',
    ['source_trigger: cron', 'source_trigger: corn'],
    [
      'project.yaml:28:25  workflows.out.edges.cron->get-cases.source_trigger: there is no trigger "corn". Did you mean "cron"?',
    ],
  ],
  [
    'a key that OpenFn does not know',
    [
      '        credential: dtp\n        body:\n          path: ./jobs/get',
      '        credentials: dtp\n        body:\n          path: ./jobs/get',
    ],
    [
      'project.yaml:17:9  workflows.out.jobs.get-cases.credentials: OpenFn has no such key here. Did you mean "credential"?',
    ],
  ],
  [
    'a missing key',
    ["        adaptor: '@openfn/language-http@7.2.10'\n", ''],
    ['project.yaml:20:7  workflows.out.jobs.send-cases.adaptor: is missing.'],
  ],
  [
    'a condition that does not exist',
    ['condition_type: on_job_success', 'condition_type: on_job_succes'],
    [
      'project.yaml:34:25  workflows.out.edges.get-cases->send-cases.condition_type: is none of always, on_job_success, on_job_failure, js_expression. Did you mean "on_job_success"?',
    ],
  ],
  [
    'a trigger edge that waits for a job',
    ['condition_type: always', 'condition_type: on_job_failure'],
    [
      'project.yaml:30:25  workflows.out.edges.cron->get-cases.condition_type: an edge from a trigger cannot be on_job_failure: no job ran before it. Use always or js_expression.',
    ],
  ],
  [
    'a js_expression without expression',
    ['condition_type: on_job_success', 'condition_type: js_expression'],
    [
      'project.yaml:31:7  workflows.out.edges.get-cases->send-cases: has the condition js_expression and no condition_expression.',
    ],
  ],
  [
    'a condition that is no JavaScript',
    ['condition_type: on_job_success', 'condition_type: js_expression\n        condition_expression: state.data ='],
    [
      'project.yaml:35:31  workflows.out.edges.get-cases->send-cases.condition_expression: is no JavaScript expression.',
    ],
  ],
  [
    'a condition that is too long',
    [
      'condition_type: on_job_success',
      `condition_type: js_expression\n        condition_expression: state.${'a'.repeat(250)}`,
    ],
    [
      'project.yaml:35:31  workflows.out.edges.get-cases->send-cases.condition_expression: is longer than 255 characters.',
    ],
  ],
  [
    'a job that nobody reaches',
    [
      '      get-cases->send-cases:\n        source_job: get-cases\n        target_job: send-cases\n        condition_type: on_job_success\n',
      '',
    ],
    ['project.yaml:20:7  workflows.out.jobs.send-cases: is never reached: no edge leads from the trigger to it.'],
  ],
  [
    'a circle',
    [
      'condition_type: on_job_success',
      'condition_type: on_job_success\n      back:\n        source_job: send-cases\n        target_job: get-cases\n        condition_type: always',
    ],
    ['project.yaml:35:7  workflows.out.edges.back: closes a circle: get-cases → send-cases → get-cases.'],
  ],
  [
    'two edges between the same steps',
    [
      'condition_type: on_job_success',
      'condition_type: on_job_success\n      again:\n        source_job: get-cases\n        target_job: send-cases\n        condition_type: always',
    ],
    ['project.yaml:35:7  workflows.out.edges.again: leads from and to the same as edge "get-cases->send-cases".'],
  ],
  [
    'an edge from nowhere',
    ['        source_job: get-cases\n', ''],
    [
      'project.yaml:31:7  workflows.out.edges.get-cases->send-cases: must come from either a source_trigger or a source_job.',
    ],
  ],
  [
    'a second trigger',
    ['    jobs:', '      webhook:\n        type: webhook\n    jobs:'],
    ['project.yaml:7:3  workflows.out: must have one trigger; it has 2.'],
  ],
  [
    'a cron expression with seconds',
    ["'0 * * * *'", "'0 0 * * * *'"],
    [
      'project.yaml:12:26  workflows.out.triggers.cron.cron_expression: a cron expression has five fields (minute hour day month weekday); this one has 6.',
    ],
  ],
  [
    'a cron expression out of range',
    ["'0 * * * *'", "'61 * * * *'"],
    ['project.yaml:12:26  workflows.out.triggers.cron.cron_expression: is no cron expression.'],
  ],
  [
    'a day that never comes',
    ["'0 * * * *'", "'0 0 31 2 *'"],
    ['project.yaml:12:26  workflows.out.triggers.cron.cron_expression: never comes due.'],
  ],
  [
    'a cron trigger without times',
    ["        cron_expression: '0 * * * *'\n", ''],
    ['project.yaml:10:7  workflows.out.triggers.cron: has no cron_expression.'],
  ],
  [
    'a cursor job that does not exist',
    ["'0 * * * *'", "'0 * * * *'\n        cron_cursor_job: get-case"],
    [
      'project.yaml:13:26  workflows.out.triggers.cron.cron_cursor_job: there is no job "get-case". Did you mean "get-cases"?',
    ],
  ],
  [
    'a kafka trigger',
    ["type: cron\n        cron_expression: '0 * * * *'", 'type: kafka'],
    ['project.yaml:11:15  workflows.out.triggers.cron.type: kafka triggers are gone from OpenFn. Use webhook or cron.'],
  ],
  [
    'a webhook that answers late',
    ["type: cron\n        cron_expression: '0 * * * *'", 'type: webhook\n        webhook_reply: after_completion'],
    [
      'project.yaml:12:24  workflows.out.triggers.cron.webhook_reply: the inbox here answers when the message is stored, not when it was processed. Leave it out, or say before_start.',
    ],
  ],
  [
    'an adaptor that is not linked',
    ['language-http@7.2.10', 'language-htpp@7.2.10'],
    [
      `project.yaml:22:18  workflows.out.jobs.send-cases.adaptor: there is no adaptor "@openfn/language-htpp" here. Did you mean "@openfn/language-http"?`,
    ],
  ],
  [
    'an adaptor without an exact version',
    ['language-http@7.2.10', 'language-http@latest'],
    [
      'project.yaml:22:18  workflows.out.jobs.send-cases.adaptor: "@openfn/language-http@latest" names no exact version. Write it as @openfn/language-http@1.2.3.',
    ],
  ],
  [
    'a credential that does not exist',
    ["7.2.10'\n        credential: dtp", "7.2.10'\n        credential: dpt"],
    ['project.yaml:23:21  workflows.out.jobs.send-cases.credential: there is no credential "dpt". Did you mean "dtp"?'],
  ],
  [
    'a credential for which there are no variables',
    ['    name: dtp\n', '    name: proxy\n'],
    [
      'project.yaml:17:21  workflows.out.jobs.get-cases.credential: no variables belong to a credential with the name "proxy". Known: primero-api, dtp, primero-and-dtp.',
      'project.yaml:23:21  workflows.out.jobs.send-cases.credential: no variables belong to a credential with the name "proxy". Known: primero-api, dtp, primero-and-dtp.',
    ],
  ],
  [
    'a job file that is missing',
    ['./jobs/send.ts', './jobs/snd.ts'],
    ['project.yaml:25:17  workflows.out.jobs.send-cases.body.path: there is no file ./jobs/snd.ts.'],
  ],
  [
    'a job name with signs',
    ['name: send cases', 'name: send (cases)'],
    [
      'project.yaml:21:15  workflows.out.jobs.send-cases.name: may hold letters, digits, blanks, hyphens and underscores only.',
    ],
  ],
  [
    'a job name that is too long',
    ['name: send cases', `name: ${'s'.repeat(101)}`],
    ['project.yaml:21:15  workflows.out.jobs.send-cases.name: is longer than 100 characters.'],
  ],
  [
    'two jobs of one name',
    ['name: send cases', 'name: get cases'],
    [
      'project.yaml:21:15  workflows.out.jobs.send-cases.name: there is another job with the name "get cases" in this workflow.',
    ],
  ],
  [
    'a project name with capitals',
    ['name: a-project', 'name: A Project'],
    ['project.yaml:1:7  name: may hold small letters, digits and hyphens only.'],
  ],
  [
    'a text where a flag belongs',
    ['condition_type: always', 'condition_type: always\n        enabled: yes please'],
    ['project.yaml:31:18  workflows.out.edges.cron->get-cases.enabled: must be true or false.'],
  ],
  [
    'edges as a list',
    ['    edges:\n', '    edges: [a]\n    edgse:\n'],
    [
      'project.yaml:26:5  workflows.out.edges: must be a map of keys and values.',
      'project.yaml:27:5  workflows.out.edgse: OpenFn has no such key here. Did you mean "edges"?',
    ],
  ],
])('%s is named with its place', async (_, [from = '', to = ''], expected) => {
  expect(fine).toContain(from)

  expect(problemsOf(fine.replace(from, to)).toSorted()).toEqual(expected.toSorted())
})

test('the project of these tests is fine', async () => {
  expect(problemsOf(fine)).toEqual([])
})

test('every problem of every part comes at once, in the order of the file', async () => {
  const yaml = fine
    .replace('name: a-project', 'name: A')
    .replace('target_job: send-cases', 'target_job: send-case')
    .replace("'0 * * * *'", 'hourly')
    .replace('    name: out', '    nmae: out\n    name: out')

  const loaded = await loadProject(projectFolder(yaml, { ...jobs, 'package.json': '{}' }))

  expect('problems' in loaded && loaded.problems.map(renderProblem)).toEqual([
    'project.yaml:1:7  name: may hold small letters, digits and hyphens only.',
    'project.yaml:8:5  workflows.out.nmae: OpenFn has no such key here. Did you mean "name"?',
    'project.yaml:13:26  workflows.out.triggers.cron.cron_expression: a cron expression has five fields (minute hour day month weekday); this one has 1.',
    'project.yaml:34:21  workflows.out.edges.get-cases->send-cases.target_job: there is no job "send-case". Did you mean "send-cases"?',
    'package.json  exchange.country: is missing. Set COUNTRY, or exchange.country in package.json.',
  ])
})

test('sections may be null and keys may be anything, as in files that OpenFn wrote', async () => {
  const yaml = `name: primero-progres-v4-prod
description: null
collections: null
channels: null
credentials:
  "ops@example.org-Primero-":
    name: primero-api
    owner: ops@example.org
workflows:
  Flow1-1.-Send-Referrals-to-Primero:
    name: Flow1-1. Send Referrals to Primero
    jobs:
      Create case. (1):
        name: Create case
        adaptor: '@openfn/language-primero@4.1.2'
        credential: ops@example.org-Primero-
        body:
          path: ./jobs/get.ts
    triggers:
      webhook:
        type: webhook
        enabled: false
        custom_path: null
        cron_expression: null
    edges:
      webhook->Create case. (1):
        source_trigger: webhook
        source_job: null
        target_job: Create case. (1)
        condition_type: always
        condition_label: null
  Flow 2:
    name: Flow 2
    triggers: null
    jobs: null
    edges: null
`
  expect(problemsOf(yaml)).toEqual([
    'project.yaml:32:3  workflows."Flow 2": must have one trigger; it has none.',
    'project.yaml:32:3  workflows."Flow 2": has no job.',
  ])
})

test('YAML that cannot be read is named with its place, and so is a key that comes twice', async () => {
  expect(problemsOf('name: a\nname: b\n')).toEqual(['project.yaml:2:1  this is no YAML: Map keys must be unique.'])
  expect(problemsOf('name: "a')).toEqual(['project.yaml:1:9  this is no YAML: Missing closing "quote.'])
})

test('an empty file and a file that is no map are no projects', async () => {
  expect(problemsOf('')).toEqual(['project.yaml:1:1  name: is missing.'])
  expect(problemsOf('- a\n')).toEqual(['project.yaml:1:1  must be a map of keys and values.'])
})

test('a folder without project.yaml says what to do', async () => {
  const loaded = await loadProject('/var/empty-folder', { country: 'gambella' })

  expect('problems' in loaded && loaded.problems.slice(0, 1).map(renderProblem)).toEqual([
    'project.yaml  there is no such file in /var/empty-folder. Start the exchange in the folder of a project, or make one with: exchange clone DIR --country NAME',
  ])
})

test('the country comes from the caller, else COUNTRY, else package.json', async () => {
  const root = projectFolder(fine, jobs)
  const countryOf = async (options: Parameters<typeof loadProject>[1]) => {
    const loaded = await loadProject(root, options)
    return 'project' in loaded ? loaded.project.specification.country : loaded.problems.map(({ message }) => message)
  }

  expect(await countryOf({})).toBe('gambella')
  expect(await countryOf({ env: { COUNTRY: '' } })).toBe('gambella')
  expect(await countryOf({ env: { COUNTRY: 'gambela' } })).toEqual(['There is no country "gambela".'])
  expect(await countryOf({ country: 'gambella', env: { COUNTRY: 'gambela' } })).toBe('gambella')
})
