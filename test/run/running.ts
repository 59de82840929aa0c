import { createLog } from '../../src/log/log.ts'
import type { Edge, Job, Workflow } from '../../src/project/types.ts'
import type { LoadedJob } from '../../src/run/job.ts'
import type { StepOptions } from '../../src/run/step.ts'
import type { Operation, RunResult, State } from '../../src/run/types.ts'
import { runWorkflow } from '../../src/run/workflow.ts'

type Script = readonly Operation[] | LoadedJob

interface Asked {
  /** Job key → its operations. */
  readonly jobs: Readonly<Record<string, Script>>
  /** `trigger->a`, `a->b`; a condition after a blank: `a->b on_job_failure`, `trigger->a state.data.n > 1`. */
  readonly edges: readonly string[]
  readonly input?: State
  readonly options?: Partial<StepOptions>
  readonly credential?: string
}

/** Runs a workflow made of these jobs; `lines` are the facts that were logged. */
export async function running(
  asked: Asked,
): Promise<RunResult & { readonly lines: readonly Record<string, unknown>[] }> {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(JSON.parse(line)) })
  const workflow = workflowOf(asked)
  const result = await runWorkflow(workflow, asked.input ?? { data: {} }, {
    loadJob: async ({ key }: Job) => {
      const script = asked.jobs[key] ?? []
      return 'operations' in script ? script : { operations: script }
    },
    configurationOf: () => ({ password: 'secret' }),
    log,
    stepTimeoutMs: 5_000,
    signal: new AbortController().signal,
    ...asked.options,
  })
  return { ...result, lines }
}

/** Everything logged of a fact. */
export function said(lines: readonly Record<string, unknown>[], fact: string): readonly Record<string, unknown>[] {
  return lines.filter((line) => line.fact === fact).map(({ time: _, ...fields }) => fields)
}

function workflowOf({ jobs, edges, credential }: Asked): Workflow {
  const job = (key: string): Job => ({
    key,
    name: key,
    adaptor: '@openfn/language-common@3.3.4',
    ...(credential === undefined ? {} : { credential }),
    body: { path: `/jobs/${key}.ts` },
  })
  return {
    key: 'flow',
    name: 'flow',
    trigger: { key: 'webhook', type: 'webhook', enabled: true },
    jobs: Object.fromEntries(Object.keys(jobs).map((key) => [key, job(key)])),
    edges: edges.map(edgeOf),
  }
}

function edgeOf(text: string): Edge {
  const [arrow = '', ...words] = text.split(' ')
  const [from = '', to = ''] = arrow.split('->')
  const condition = words.join(' ') || 'always'
  const named = (['always', 'on_job_success', 'on_job_failure'] as const).find((name) => name === condition)
  return {
    key: arrow,
    from: from === 'trigger' ? { trigger: 'webhook' } : { job: from },
    to,
    condition: named ?? 'js_expression',
    ...(named === undefined ? { expression: condition } : {}),
    enabled: true,
  }
}
