import { credentialNames } from './credentials.ts'
import type { Draft, DraftCredential, DraftJob, DraftTrigger, DraftWorkflow } from './draft.ts'
import { edgeFindings, unknownName } from './edge-rules.ts'
import type { Finding, Placed } from './finding.ts'
import { cronProblem } from './schedule.ts'
import { suggest } from './suggest.ts'

/** What the rules ask of the disk. */
export interface Surroundings {
  /** Whether the file, as the project names it, exists. */
  readonly isFile: (path: string) => boolean
  /** What is wrong with `name@version` as an adaptor here; undefined: nothing. */
  readonly adaptorProblem: (specifier: string) => { readonly message: string; readonly hint?: string } | undefined
}

/**
 * Everything that OpenFn's server would refuse, and everything that could not run here.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function ruleFindings(draft: Draft, surroundings: Surroundings): readonly Finding[] {
  const { name, workflows, credentials } = draft

  return [
    ...(name === undefined || /^[a-z0-9-]+$/.test(name.value)
      ? []
      : [{ at: name.at, message: 'may hold small letters, digits and hyphens only.' }]),
    ...(name === undefined || workflows.length > 0 ? [] : [{ at: ['workflows'], message: 'there is none.' }]),
    ...doubles(
      workflows.map((workflow) => workflow.name),
      (value) => `there is another workflow with the name "${value}".`,
    ),
    ...doubles(
      workflows.map(({ key, at }) => ({ value: key, at })),
      (value) => `there is another workflow "${value}".`,
    ),
    ...workflows.flatMap((workflow) => workflowFindings(workflow, credentials, surroundings)),
  ]
}

function workflowFindings(
  workflow: DraftWorkflow,
  credentials: readonly DraftCredential[],
  surroundings: Surroundings,
) {
  const { jobs, triggers, triggerKeys, at } = workflow
  return [
    ...(triggerKeys.length === 1
      ? []
      : [
          {
            at,
            ofKey: true,
            message: `must have one trigger; it has ${triggerKeys.length === 0 ? 'none' : triggerKeys.length}.`,
          },
        ]),
    ...(workflow.jobKeys.length > 0 ? [] : [{ at, ofKey: true, message: 'has no job.' }]),
    ...doubles(
      jobs.map((job) => job.name),
      (value) => `there is another job with the name "${value}" in this workflow.`,
    ),
    ...doubles(
      jobs.map(({ key, at: place }) => ({ value: key, at: place })),
      (value) => `there is another job "${value}" in this workflow.`,
    ),
    ...jobs.flatMap((job) => jobFindings(job, credentials, surroundings)),
    ...triggers.flatMap((trigger) => triggerFindings(trigger, workflow)),
    ...edgeFindings(workflow),
  ]
}

function jobFindings(
  { name, adaptor, credential, body }: DraftJob,
  credentials: readonly DraftCredential[],
  disk: Surroundings,
) {
  const findings: Finding[] = []
  if (name.value.length > 100) findings.push({ at: name.at, message: 'is longer than 100 characters.' })
  if (!/^[a-zA-Z0-9_\- ]*$/.test(name.value)) {
    findings.push({ at: name.at, message: 'may hold letters, digits, blanks, hyphens and underscores only.' })
  }
  const wrong = disk.adaptorProblem(adaptor.value)
  if (wrong !== undefined) findings.push({ at: adaptor.at, ...wrong })
  if (credential !== undefined) findings.push(...credentialFindings(credential, credentials))
  if ('path' in body.value && !disk.isFile(body.value.path)) {
    findings.push({ at: body.at, message: `there is no file ${body.value.path}.` })
  }
  return findings
}

function credentialFindings(credential: Placed<string>, known: readonly DraftCredential[]): readonly Finding[] {
  const found = known.find(({ key }) => key === credential.value)
  if (found === undefined)
    return [
      unknownName(
        'credential',
        credential,
        known.map(({ key }) => key),
      ),
    ]
  const names: readonly string[] = credentialNames
  if (names.includes(found.name.value)) return []
  const hint = suggest(found.name.value, names)
  const message = `no variables belong to a credential with the name "${found.name.value}".`
  return [{ at: credential.at, message, ...(hint === undefined ? {} : { hint }) }]
}

function triggerFindings(trigger: DraftTrigger, { jobKeys }: DraftWorkflow): readonly Finding[] {
  const { type, cron, cursorJob, reply, at } = trigger
  const findings: Finding[] = []
  if (type.value === 'kafka') {
    findings.push({ at: type.at, message: 'kafka triggers are gone from OpenFn.', hint: 'Use webhook or cron.' })
  }
  if (type.value === 'cron') {
    const wrong = cron === undefined ? 'has no cron_expression.' : cronProblem(cron.value)
    if (wrong !== undefined) findings.push({ at: cron?.at ?? at, ofKey: cron === undefined, message: wrong })
  }
  if (reply?.value === 'after_completion') {
    findings.push({
      at: reply.at,
      message: 'the inbox here answers when the message is stored, not when it was processed.',
      hint: 'Leave it out, or say before_start.',
    })
  }
  if (cursorJob !== undefined && !jobKeys.includes(cursorJob.value))
    findings.push(unknownName('job', cursorJob, jobKeys))
  return findings
}

function doubles(values: readonly Placed<string>[], message: (value: string) => string): readonly Finding[] {
  return values
    .filter(({ value }, index) => values.findIndex((earlier) => earlier.value === value) < index)
    .map(({ value, at }) => ({ at, message: message(value) }))
}
