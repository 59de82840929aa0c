import { expect, test } from 'vitest'
import { loadProject } from '../../src/project/load.ts'
import { renderProblem } from '../../src/project/problem.ts'
import { projectFolder } from './folder.ts'

/** As OpenFn's own export of a project that grew in the browser: null sections, dots, blanks, arrows, a hyphen at the end. */
const grown = `name: primero-progres
description: null
collections: null
channels: null
credentials:
  ops@example.org-dtp-:
    name: dtp
    owner: ops@example.org
workflows:
  Flow1-1.-Send-Referrals-to-Primero:
    name: Flow1-1. Send Referrals to Primero
    jobs:
      1.-Create-a-case:
        name: Create a case
        adaptor: '@openfn/language-http@7.2.10'
        credential: ops@example.org-dtp-
        body: |
          fn(state => state);
      Tell-"UNHCR":
        name: Tell UNHCR
        adaptor: '@openfn/language-http@7.2.10'
        credential: null
        body:
          path: ./jobs/tell.js
    triggers:
      webhook:
        type: webhook
        enabled: false
        webhook_reply: null
        webhook_response_config: null
        custom_path: null
        kafka_configuration: null
    edges:
      webhook->1.-Create-a-case:
        source_trigger: webhook
        target_job: 1.-Create-a-case
        condition_type: js_expression
        condition_label: null
        condition_expression: |
          state.data["request_type"] == "PrimeroOutgoingReferral"
        enabled: true
      1.-Create-a-case->Tell-"UNHCR":
        source_job: 1.-Create-a-case
        target_job: Tell-"UNHCR"
        condition_type: on_job_failure
        enabled: true
`

test('a project that OpenFn wrote is read: null sections, dots, arrows and quotes in keys', async () => {
  const loaded = await loadProject(projectFolder(grown, { 'jobs/tell.js': '' }))

  if ('problems' in loaded) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  const workflow = loaded.project.workflows['Flow1-1.-Send-Referrals-to-Primero']
  expect(Object.keys(workflow?.jobs ?? {})).toEqual(['1.-Create-a-case', 'Tell-"UNHCR"'])
  expect(workflow?.edges.map(({ key, to }) => [key, to])).toEqual([
    ['webhook->1.-Create-a-case', '1.-Create-a-case'],
    ['1.-Create-a-case->Tell-"UNHCR"', 'Tell-"UNHCR"'],
  ])
  expect(workflow?.trigger.enabled).toBe(false)
  expect(workflow?.jobs['1.-Create-a-case']?.body).toMatchObject({ begins: { line: 18, column: 11 } })
})

test('@latest is not carried over in silence', async () => {
  const loaded = await loadProject(projectFolder(grown.replaceAll('@7.2.10', '@latest'), { 'jobs/tell.js': '' }))

  const problems = 'problems' in loaded ? loaded.problems.map(renderProblem) : []
  expect(problems.map((problem) => problem.replace(/^(\S+) .*?: "/, '$1  "'))).toEqual([
    'project.yaml:15:18  "@openfn/language-http@latest" names no exact version. Write it as @openfn/language-http@1.2.3.',
    'project.yaml:21:18  "@openfn/language-http@latest" names no exact version. Write it as @openfn/language-http@1.2.3.',
  ])
})
