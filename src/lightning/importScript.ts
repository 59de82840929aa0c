import { splitSpecifier } from '../project/adaptor-rule.ts'
import type { DraftJob } from '../project/draft.ts'
import type { Problem } from '../project/types.ts'
import { keyMaterial } from '../run/script/keyMaterial.ts'
import { freeNames } from '../run/script/names.ts'
import { linesOf } from '../run/script/place.ts'
import { type AnyNode, type Program, parseScript, walk } from '../run/script/syntax.ts'
import type { Judge } from './importProject.ts'

interface Request {
  readonly job: DraftJob
  readonly text: string
  /** Where it will lie. */
  readonly path: string
  readonly judge: Judge
}

interface ImportedScript {
  readonly text: string
  readonly legacy: boolean
  readonly lost: readonly Problem[]
}

/** What a job's script needs here, and what of it does not work. */
export async function importScript({ job, text, path, judge }: Request): Promise<ImportedScript> {
  const parsed = parseScript(text)
  const program = 'program' in parsed ? parsed.program : undefined
  const judged = { key: job.key, name: job.name.value, adaptor: job.adaptor.value, body: { text } }
  const keys = program === undefined ? [] : keyMaterial(program)
  if (keys.length > 0) {
    const { placeOf } = linesOf(text)
    const lost = keys.map(({ at, ...rest }) => ({ file: `${path}.original`, ...placeOf(at), ...rest }))
    return { text: placeholder(job.key), legacy: false, lost }
  }
  const plain = await judge(judged, false)
  const isOld = program !== undefined && looksOld(program)
  const old = isOld || plain.length > 0 ? await judge(judged, true) : []
  const legacy = isOld || (plain.length > 0 && old.length === 0)
  const problems = legacy ? old : plain
  if (problems.length > 0) {
    const lost = problems.map((problem) => ({ file: `${path}.original`, ...problem }))
    return { text: placeholder(job.key), legacy: false, lost }
  }
  const reads = program === undefined ? [] : unknownReads(program, job)
  const lines = linesOf(text)
  const lost = reads.map(({ at, message, hint }) => ({ file: path, ...lines.placeOf(at), message, hint }))
  return { text, legacy, lost }
}

/** In the place of a script that cannot run, so that its workflow fails there and nothing is passed over. */
function placeholder(key: string): string {
  const text = `The script of job ${key} could not be taken over.`
  return `// It lies beside this file. What is wrong with it: exchange import says so again.\nfn(() => {\n  throw new Error(${JSON.stringify(text)})\n})\n`
}

/** Names and forms that adaptors and runtime do not have any more, and that compile all the same. */
function looksOld(program: Program): boolean {
  if (freeNames(program).some(({ name }) => name === 'state')) return true
  let isOld = false
  walk(program, (node) => {
    if (node.type === 'MemberExpression') isOld ||= isName(node.object, 'state') && isName(node.property, 'error')
    if (node.type === 'CallExpression') isOld ||= isOldRequest(node.callee, node.arguments)
  })
  return isOld
}

/** `http.post({ url, … })`, and `post(url, { body, headers })` of version 6 and before. */
function isOldRequest(callee: AnyNode, [first, second]: readonly AnyNode[]): boolean {
  if (callee.type === 'MemberExpression')
    return isName(callee.object, 'http') && first?.type === 'ObjectExpression' && keysOf(first).includes('url')
  const isSending = callee.type === 'Identifier' && ['post', 'put', 'patch'].includes(callee.name)
  if (!isSending || second?.type !== 'ObjectExpression') return false
  return keysOf(second).includes('headers') && keysOf(second).includes('body')
}

/** What credentials hold here, by the adaptor of the job. */
const held: Readonly<Record<string, readonly string[]>> = {
  '@openfn/language-primero': ['url', 'user', 'password', 'basicAuth', 'timeoutMs', 'concurrency', 'tls'],
  '@openfn/language-http': ['baseUrl', 'subscriptionKey', 'timeoutMs', 'concurrency', 'tls'],
}

function unknownReads(program: Program, { adaptor }: DraftJob) {
  const known = held[splitSpecifier(adaptor.value).name] ?? []
  const found = new Map<string, number>()
  walk(program, (node) => {
    if (node.type !== 'MemberExpression') return
    const { object, property, computed } = node
    const isRead =
      isName(object, 'configuration') ||
      (object.type === 'MemberExpression' && isName(object.property, 'configuration'))
    const key = computed ? (property.type === 'Literal' ? String(property.value) : undefined) : nameOf(property)
    if (isRead && key !== undefined && !known.includes(key) && !found.has(key)) found.set(key, node.start)
  })
  const has = known.length === 0 ? 'nothing' : known.join(', ')
  return [...found].map(([key, at]) => ({
    at,
    message: `reads configuration.${key}, which its credential does not hold here.`,
    hint: `It holds ${has}.`,
  }))
}

function keysOf(node: AnyNode & { type: 'ObjectExpression' }): readonly string[] {
  return node.properties.flatMap((property) => (property.type === 'Property' ? (nameOf(property.key) ?? []) : []))
}

function isName(node: AnyNode, name: string): boolean {
  return nameOf(node) === name
}

function nameOf(node: AnyNode): string | undefined {
  return node.type === 'Identifier' ? node.name : undefined
}
