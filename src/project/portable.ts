import { installedVersion, splitSpecifier } from './adaptor-rule.ts'
import { adaptors } from './adaptors.ts'
import type { Draft, DraftEdge, DraftWorkflow } from './draft.ts'
import type { Finding } from './finding.ts'
import { readWorkflows, toProblem } from './load.ts'
import type { Problem } from './types.ts'

/** Words that older servers refuse in a condition, whatever they mean there. */
const forbidden = /\b(import|require|process|await|eval)\b/

/**
 * What would keep project.yaml from meaning the same on OpenFn Lightning, beyond what is wrong everywhere.
 * Nothing is said of a file that cannot be read. Job files are not looked into.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function portableProblems(root: string): readonly Problem[] {
  const read = readWorkflows(root)
  if ('problems' in read) return []
  return portableFindings(read.draft, root).map((finding) => toProblem(finding, read.source))
}

function portableFindings({ credentials, workflows }: Draft, root: string): readonly Finding[] {
  return [
    ...credentials
      .filter(({ owner }) => owner === undefined || owner === '')
      .map(({ name }) => ({
        at: name.at.slice(0, -1),
        ofKey: true,
        message: 'has no owner.',
        hint: 'Lightning finds a credential by its name and its owner.',
      })),
    ...workflows.flatMap((workflow) => [
      ...slugFindings(workflow),
      ...versionFindings(workflow, root),
      ...joinFindings(workflow),
      ...workflow.edges.flatMap(conditionFindings),
    ]),
  ]
}

/** The OpenFn CLI makes step ids of names: what differs in signs or capitals only becomes one. */
function slugFindings({ jobs }: DraftWorkflow): readonly Finding[] {
  const slugs = jobs.map(({ name }) => slugify(name.value))
  return jobs.flatMap(({ name }, index) => {
    const first = slugs.indexOf(slugs[index] ?? '')
    const other = jobs[first]?.name.value
    if (first === index || other === name.value) return []
    return [{ at: name.at, message: `becomes the same step id as "${other}": ${slugs[index]}.` }]
  })
}

function versionFindings({ jobs }: DraftWorkflow, root: string): readonly Finding[] {
  return jobs.flatMap(({ adaptor }) => {
    const { name, version } = splitSpecifier(adaptor.value)
    if (adaptors[name] !== undefined) return []
    const installed = installedVersion(name, root)
    if (installed === undefined || installed === version) return []
    return [{ at: adaptor.at, message: `names ${version}, but ${installed} is installed here and was tested.` }]
  })
}

function joinFindings({ jobs, edges }: DraftWorkflow): readonly Finding[] {
  return jobs
    .filter(({ key }) => edges.filter(({ from, to }) => 'job' in from.value && to.value === key).length > 1)
    .map(({ at }) => ({
      at,
      ofKey: true,
      message: 'follows several jobs: it runs once after each of them, it does not wait.',
    }))
}

function conditionFindings({ condition, expression, label, at }: DraftEdge): readonly Finding[] {
  if (condition.value !== 'js_expression') return []
  const word = expression === undefined ? undefined : forbidden.exec(expression.value)?.[0]
  return [
    ...(label === undefined || label.value.trim() === ''
      ? [{ at, ofKey: true, message: 'has no condition_label, which Lightning asks for with js_expression.' }]
      : []),
    ...(word === undefined || expression === undefined
      ? []
      : [{ at: expression.at, message: `has the word "${word}" in it, which Lightning refuses in a condition.` }]),
  ]
}

function slugify(name: string): string {
  return name.replace(/\W/g, ' ').trim().replace(/\s+/g, '-').toLowerCase()
}
