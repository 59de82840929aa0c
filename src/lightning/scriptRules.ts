import { freeNames } from '../run/script/names.ts'
import { type AnyNode, type Program, parseScript, rootOf, walk } from '../run/script/syntax.ts'
import type { Trouble } from '../run/script/trouble.ts'

/** What a script does that works here and not, or not so, in OpenFn's sandbox. `adaptor`: its name without the version. */
export function scriptTroubles(program: Program, adaptor: string): readonly Trouble[] {
  const troubles = [
    ...missingNames(program),
    ...foreignImports(program, adaptor),
    ...lostExecute(program, adaptor),
    ...nodes(program).flatMap((node) => [...errorsByStep(node), ...requestTroubles(node), ...secrets(node)]),
  ]
  return troubles.toSorted((one, other) => one.at - other.at)
}

/** A condition that throws ends the whole run there: `state.data.a.b` where there is no `a`. */
export function conditionTroubles(expression: string): readonly Trouble[] {
  const parsed = parseScript(`(${expression}\n)`)
  if ('problem' in parsed) return []
  const unsafe = nodes(parsed.program).find((node) => {
    if (node.type !== 'MemberExpression' || node.optional || node.object.type !== 'MemberExpression') return false
    const root = rootOf(node)
    return root.type === 'Identifier' && root.name === 'state' && !isGuarded(node.object)
  })
  const inner = unsafe?.type === 'MemberExpression' ? unsafe.object : undefined
  if (inner === undefined || (inner.type === 'MemberExpression' && isStateData(inner))) return []
  return [
    {
      at: inner.start,
      message: 'reads something inside of what may not be there: where it throws, Lightning ends the run.',
      hint: 'Write state.data?.a?.b.',
    },
  ]
}

/** Names that Node has and the sandbox does not. */
const notThere =
  /^(fetch|URL|URLSearchParams|TextEncoder|TextDecoder|crypto|process|require|module|structuredClone|setImmediate|clearImmediate|queueMicrotask|AbortController|AbortSignal|btoa|atob|performance|Blob|FormData|Headers|Request|Response|global|__dirname|__filename)$/

function missingNames(program: Program): readonly Trouble[] {
  return freeNames(program).flatMap(({ name, node }) => {
    if (name === 'state')
      return [
        {
          at: node.start,
          message: 'the global `state` exists for old scripts only.',
          hint: 'Write it as a function: state => …',
        },
      ]
    if (!notThere.test(name)) return []
    return [
      {
        at: node.start,
        message: `there is no \`${name}\` in OpenFn's sandbox.`,
        hint: 'Use the language alone, or an operation.',
      },
    ]
  })
}

function foreignImports({ body }: Program, adaptor: string): readonly Trouble[] {
  const known = [adaptor, '@openfn/language-collections', '@openfn/runtime']
  return body.flatMap((statement) => {
    const isFrom =
      statement.type === 'ImportDeclaration' ||
      statement.type === 'ExportAllDeclaration' ||
      statement.type === 'ExportNamedDeclaration'
    const source = isFrom ? statement.source?.value : undefined
    if (typeof source !== 'string' || known.includes(source)) return []
    return [
      {
        at: statement.start,
        message: `imports ${source}; a step on Lightning finds its adaptor and the collections only.`,
        hint: 'Make it a module (.ts): it is bundled on export.',
      },
    ]
  })
}

/** Without bare operations nothing is imported by itself, and the adaptor's `execute` (a login, `references`) is left out. */
function lostExecute({ body }: Program, adaptor: string): readonly Trouble[] {
  const list = body.find((statement) => statement.type === 'ExportDefaultDeclaration')
  if (list === undefined) return []
  const hasExecute = body.some(
    (statement) =>
      (statement.type === 'ExportAllDeclaration' && statement.source.value === adaptor) ||
      (statement.type === 'ExportNamedDeclaration' &&
        statement.specifiers.some(({ exported }) => exported.type === 'Identifier' && exported.name === 'execute')),
  )
  if (hasExecute) return []
  return [
    {
      at: list.start,
      message: "leaves out the adaptor's own beginning and end on Lightning.",
      hint: `Add: export * from '${adaptor}'`,
    },
  ]
}

/** Steps are named by their keys here and by UUIDs there. */
function errorsByStep(node: AnyNode): readonly Trouble[] {
  if (node.type !== 'MemberExpression' || node.object.type !== 'MemberExpression') return []
  const { object } = node
  const isErrors =
    !object.computed &&
    object.property.type === 'Identifier' &&
    object.property.name === 'errors' &&
    object.object.type === 'Identifier' &&
    /^(state|\$)$/.test(object.object.name)
  if (!isErrors) return []
  return [
    {
      at: node.start,
      message: 'looks up an error by its step, which has another name on Lightning.',
      hint: 'Write Object.values(state.errors ?? {}).',
    },
  ]
}

function requestTroubles(node: AnyNode): readonly Trouble[] {
  if (node.type !== 'CallExpression') return []
  const callee = node.callee.type === 'MemberExpression' ? node.callee.property : node.callee
  if (callee.type !== 'Identifier' || !['post', 'put', 'patch'].includes(callee.name)) return []
  const [, body, options] = node.arguments
  const troubles: Trouble[] = []
  if (body?.type === 'ArrayExpression') {
    troubles.push({
      at: body.start,
      message: `${callee.name} sends a list piece by piece, not as JSON.`,
      hint: 'Write state => JSON.stringify([…]).',
    })
  }
  const dollar =
    options === undefined
      ? undefined
      : nodes(options).find((inside) => inside.type === 'Identifier' && inside.name === '$')
  if (dollar !== undefined && node.callee.type === 'MemberExpression') {
    troubles.push({
      at: dollar.start,
      message: `\`$\` in the options of ${callee.name} makes a function of all of them.`,
      hint: 'Write a function for each value: { headers: { a: state => state.a } }.',
    })
  }
  return troubles
}

const secretName = /^(authorization|ocp-apim-subscription-key|x-api-key|password|secret|api_?key|token|agentOptions)$/i

function secrets(node: AnyNode): readonly Trouble[] {
  const at = node.start
  const hint = 'Read it from state.configuration; certificates are configuration.tls.'
  if (node.type === 'Literal' && typeof node.value === 'string' && node.value.includes('-----BEGIN'))
    return [{ at, message: 'holds a certificate or a key.', hint }]
  if (node.type !== 'Property') return []
  const { key, value } = node
  const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : ''
  if (!secretName.test(name)) return []
  if (name === 'agentOptions') return [{ at, message: '`agentOptions` is read by old adaptors only.', hint }]
  if (value.type !== 'Literal' || typeof value.value !== 'string' || value.value === '') return []
  return [{ at, message: `"${name}" is written into the script.`, hint }]
}

function isStateData({ object, property, computed }: AnyNode & { type: 'MemberExpression' }): boolean {
  return (
    object.type === 'Identifier' &&
    object.name === 'state' &&
    !computed &&
    property.type === 'Identifier' &&
    property.name === 'data'
  )
}

/** Part of an optional chain that begins further in: `state.data?.a.b` stops where `data` is missing. */
function isGuarded(node: AnyNode): boolean {
  return node.type === 'MemberExpression' && (node.optional || isGuarded(node.object))
}

function nodes(root: AnyNode): readonly AnyNode[] {
  const all: AnyNode[] = []
  walk(root, (node) => void all.push(node))
  return all
}
