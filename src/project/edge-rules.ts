import type { DraftEdge, DraftWorkflow } from './draft.ts'
import { isExpression } from './expression.ts'
import type { Finding, Placed } from './finding.ts'
import { suggest } from './suggest.ts'
import type { Edge } from './types.ts'

/** What is wrong with the edges of a workflow: ends that do not exist, conditions, circles, jobs nobody reaches. */
export function edgeFindings(workflow: DraftWorkflow): readonly Finding[] {
  const { edges, jobKeys, triggerKeys, hasUnreadEdges } = workflow
  const ends = edges.flatMap((edge) => endFindings(edge, jobKeys, triggerKeys))
  return [
    ...graphFindings(workflow),
    ...edges.flatMap((edge, index) => twinFindings(edge, edges.slice(0, index))),
    // A mistyped end would make its job look unreachable as well.
    ...(ends.length > 0 || hasUnreadEdges ? [] : unreachedFindings(workflow)),
  ]
}

/** Of those, what keeps a workflow from being run by hand from any of its steps. */
export function graphFindings(workflow: DraftWorkflow): readonly Finding[] {
  const { edges, jobKeys, triggerKeys } = workflow
  return [
    ...edges.flatMap((edge) => endFindings(edge, jobKeys, triggerKeys)),
    ...edges.flatMap(conditionFindings),
    ...circleFindings(workflow),
  ]
}

export function unknownName(kind: string, { value, at }: Placed<string>, known: readonly string[]): Finding {
  const hint = suggest(value, known)
  return { at, message: `there is no ${kind} "${value}".`, ...(hint === undefined ? {} : { hint }) }
}

function endFindings({ from, to }: DraftEdge, jobs: readonly string[], triggers: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const source = from.value
  if ('job' in source && !jobs.includes(source.job)) {
    findings.push(unknownName('job', { value: source.job, at: from.at }, jobs))
  }
  if ('trigger' in source && !triggers.includes(source.trigger)) {
    findings.push(unknownName('trigger', { value: source.trigger, at: from.at }, triggers))
  }
  if (!jobs.includes(to.value)) findings.push(unknownName('job', to, jobs))
  return findings
}

function conditionFindings({ from, condition, expression, label, at }: DraftEdge): readonly Finding[] {
  const findings: Finding[] = []
  const isFromTrigger = 'trigger' in from.value
  if (isFromTrigger && condition.value !== 'always' && condition.value !== 'js_expression') {
    findings.push({
      at: condition.at,
      message: `an edge from a trigger cannot be ${condition.value}: no job ran before it.`,
      hint: 'Use always or js_expression.',
    })
  }
  if (label !== undefined && label.value.length > 255) {
    findings.push({ at: label.at, message: 'is longer than 255 characters.' })
  }
  if (condition.value !== 'js_expression') return findings
  if (expression === undefined) {
    findings.push({ at, ofKey: true, message: 'has the condition js_expression and no condition_expression.' })
  } else if (expression.value.trim().length > 255) {
    findings.push({ at: expression.at, message: 'is longer than 255 characters.' })
  } else if (!isExpression(expression.value)) {
    findings.push({ at: expression.at, message: 'is no JavaScript expression.' })
  }
  return findings
}

/** OpenFn keeps the edges of a step by target: the later of two would replace the earlier. */
function twinFindings(edge: DraftEdge, earlier: readonly DraftEdge[]): readonly Finding[] {
  const twin = earlier.find(
    ({ from, to }) => nameOf(from.value) === nameOf(edge.from.value) && to.value === edge.to.value,
  )
  return twin === undefined
    ? []
    : [{ at: edge.at, ofKey: true, message: `leads from and to the same as edge "${twin.key}".` }]
}

/** One note for each edge that leads back to a job from which it can be reached. */
function circleFindings({ edges }: DraftWorkflow): readonly Finding[] {
  const next = jobEdges(edges)
  const findings: Finding[] = []
  const done = new Set<string>()
  const visit = (job: string, trail: readonly string[]) => {
    if (done.has(job)) return
    for (const edge of next.filter((candidate) => candidate.from === job)) {
      const start = [...trail, job].indexOf(edge.to)
      if (start >= 0) {
        const circle = [...trail, job].slice(start).concat(edge.to).join(' → ')
        findings.push({ at: edge.at, ofKey: true, message: `closes a circle: ${circle}.` })
      } else {
        visit(edge.to, [...trail, job])
      }
    }
    done.add(job)
  }
  for (const { from } of next) visit(from, [])
  return findings
}

function unreachedFindings({ edges, jobs }: DraftWorkflow): readonly Finding[] {
  const next = jobEdges(edges)
  const reached = new Set(edges.filter(({ from }) => 'trigger' in from.value).map(({ to }) => to.value))
  for (const job of reached) {
    for (const edge of next) if (edge.from === job) reached.add(edge.to)
  }
  return jobs
    .filter(({ key }) => !reached.has(key))
    .map(({ at }) => ({ at, ofKey: true, message: 'is never reached: no edge leads from the trigger to it.' }))
}

function jobEdges(edges: readonly DraftEdge[]) {
  return edges.flatMap(({ from, to, at }) => ('job' in from.value ? [{ from: from.value.job, to: to.value, at }] : []))
}

function nameOf(from: Edge['from']): string {
  return 'job' in from ? `job ${from.job}` : `trigger ${from.trigger}`
}
