import { stringify } from 'yaml'
import type { DraftEdge, DraftTrigger } from '../project/draft.ts'
import { type Exported, scriptPath } from './exportProject.ts'
import { triggerOf } from './trigger.ts'

/**
 * The format that `openfn deploy` takes, scripts by their paths. Edges are `from->to`, triggers have their type for a key,
 * and no key stands in it that the server does not know.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function writeV3({ name, description, collections, credentials, workflows }: Exported, raw: unknown): string {
  const keyed = (values: readonly string[]) => Object.fromEntries(values.map((value) => [value, { name: value }]))
  const document = {
    name,
    ...(description === undefined ? {} : { description }),
    ...(collections.length === 0 ? {} : { collections: keyed(collections) }),
    credentials: Object.fromEntries(
      credentials.map((credential) => [
        credentialKey(credential.owner, credential.name.value),
        { name: credential.name.value, ...(credential.owner === undefined ? {} : { owner: credential.owner }) },
      ]),
    ),
    workflows: Object.fromEntries(
      workflows.map((workflow) => [
        workflow.key,
        {
          name: workflow.name.value,
          jobs: Object.fromEntries(
            workflow.scripts.map(({ job, adaptor }) => {
              const credential = credentials.find(({ key }) => key === job.credential?.value)
              return [
                job.key,
                {
                  name: job.name.value,
                  adaptor,
                  credential: credential === undefined ? null : credentialKey(credential.owner, credential.name.value),
                  body: { path: `./${scriptPath(workflow.key, job.key)}` },
                },
              ]
            }),
          ),
          triggers: Object.fromEntries(
            workflow.triggers.map((trigger) => [trigger.type.value, triggerOf(trigger, raw, ['cron_cursor_job'])]),
          ),
          edges: Object.fromEntries(workflow.edges.map((edge) => edgeOf(edge, workflow.triggers))),
        },
      ]),
    ),
  }
  return stringify(document, { lineWidth: 0 })
}

function credentialKey(owner: string | undefined, name: string): string {
  return (owner === undefined ? name : `${owner}-${name}`).replace(/\s/g, '-')
}

function edgeOf({ from, to, condition, expression, label, enabled }: DraftEdge, triggers: readonly DraftTrigger[]) {
  const source = from.value
  const trigger = 'trigger' in source ? triggers.find(({ key }) => key === source.trigger)?.type.value : undefined
  const start = 'job' in source ? source.job : (trigger ?? source.trigger)
  return [
    `${start}->${to.value}`,
    {
      ...('job' in source ? { source_job: source.job } : { source_trigger: start }),
      target_job: to.value,
      condition_type: condition.value,
      ...(label === undefined ? {} : { condition_label: label.value }),
      ...(expression === undefined ? {} : { condition_expression: expression.value.trim() }),
      enabled,
    },
  ] as const
}
