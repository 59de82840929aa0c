import { stringify } from 'yaml'
import type { DraftEdge, DraftWorkflow } from '../project/draft.ts'
import type { Exported } from './exportProject.ts'
import { triggerOf } from './trigger.ts'

/**
 * Specification 4.0 with the code in it, as Lightning exports and imports. Every edge is an object: the short form of one
 * is taken apart letter by letter by OpenFn's own library.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function writeV4({ name, description, collections, credentials, workflows }: Exported, raw: unknown): string {
  const configurationOf = (key: string | undefined) => {
    const found = credentials.find((credential) => credential.key === key)
    return found === undefined ? {} : { configuration: `${found.owner ?? ''}|${found.name.value}` }
  }
  const document = {
    id: name,
    name,
    ...(description === undefined ? {} : { description }),
    schema_version: '4.0',
    ...(collections.length === 0 ? {} : { collections: collections.map((collection) => ({ name: collection })) }),
    credentials: credentials.map((credential) => ({ name: credential.name.value, owner: credential.owner })),
    workflows: workflows.map((workflow) => ({
      id: workflow.key,
      name: workflow.name.value,
      start: workflow.triggers[0]?.type.value,
      steps: [
        ...workflow.triggers.map((trigger) => ({
          id: trigger.type.value,
          name: trigger.type.value,
          ...triggerOf(trigger, raw, cursorKeys),
          ...nextOf(workflow, (from) => 'trigger' in from && from.trigger === trigger.key),
        })),
        ...workflow.scripts.map(({ job, adaptor, code }) => ({
          id: job.key,
          name: job.name.value,
          adaptor,
          ...configurationOf(job.credential?.value),
          expression: code,
          ...nextOf(workflow, (from) => 'job' in from && from.job === job.key),
        })),
      ],
    })),
  }
  return stringify(document, { lineWidth: 0 })
}

// Lightning writes the one, the command line reads the other.
const cursorKeys = ['cron_cursor', 'cron_cursor_job_id'] as const

function nextOf({ edges }: DraftWorkflow, isFrom: (from: DraftEdge['from']['value']) => boolean) {
  const next = edges.filter(({ from }) => isFrom(from.value))
  if (next.length === 0) return {}
  return {
    next: Object.fromEntries(
      next.map(({ to, condition, expression, label, enabled }) => [
        to.value,
        {
          condition: condition.value === 'js_expression' ? (expression?.value.trim() ?? 'true') : condition.value,
          ...(label === undefined ? {} : { label: label.value }),
          ...(enabled ? {} : { disabled: true }),
        },
      ]),
    ),
  }
}
