import { suggest } from '../../project/suggest.ts'
import { type AddedImport, addedImports } from './imports.ts'
import { keyMaterial } from './keyMaterial.ts'
import { lazyState } from './lazyState.ts'
import { type FreeName, freeNames, topNames } from './names.ts'
import { type Listing, listOperations } from './operations.ts'
import { linesOf, type Place } from './place.ts'
import { promises } from './promises.ts'
import type { Edit } from './rope.ts'
import { type Program, parseScript, rootOf } from './syntax.ts'
import type { ScriptProblem, Trouble } from './trouble.ts'

/** A module whose exports a script may use without importing them. */
export interface KnownModule {
  readonly specifier: string
  readonly exports: ReadonlySet<string>
}

export interface CompileOptions {
  /** The job's adaptor first; of two that export a name, the first has it. */
  readonly adaptors: readonly KnownModule[]
  /** Names that are there when the script is loaded, beyond JavaScript's and Node's (`state`, for old scripts). */
  readonly globals?: readonly string[]
}

export interface OperationPlace extends Place {
  /** What was called: `get`, `collections.set`. */
  readonly name: string
}

/** A script that was understood. `module.ts` and `linked.ts` write it. */
export interface Script {
  readonly source: string
  readonly program: Program
  readonly edits: readonly Edit[]
  readonly imports: readonly AddedImport[]
  readonly listing: Listing
  /** Names of `globals` that it uses. */
  readonly usedGlobals: readonly string[]
  /** Of the operations, in the order in which they run. */
  readonly operations: readonly OperationPlace[]
  /** What runs, but cannot be meant. */
  readonly warnings: readonly ScriptProblem[]
}

export type Compiled = { readonly script: Script } | { readonly problems: readonly ScriptProblem[] }

/**
 * Understands an OpenFn job script: calls at its top are operations, `$` is the state to come, names come from the adaptor.
 *
 * OpenFn's five transforms in their order, with their quirks wherever they give a script that works. Where they give one
 * that cannot, or that silently does something else, every such place is a problem here, all at once.
 *
 * @source docs/systems.md §OpenFn/compiler
 */
export function compileScript(source: string, { adaptors, globals = [] }: CompileOptions): Compiled {
  const parsed = parseScript(source)
  if ('problem' in parsed) return { problems: [parsed.problem] }
  const { program } = parsed
  const exported = new Set(adaptors.flatMap(({ exports }) => [...exports]))
  const isKnown = (name: string) => exported.has(name) || globals.includes(name) || isOfLanguage(name)
  const free = freeNames(program)
  const dollars = exported.has('$') ? [] : free.filter(({ name }) => name === '$')

  const lazy = lazyState(dollars, (name) => isOfLanguage(name) && !exported.has(name) && !topNames(program).has(name))
  const deferred = promises(program)
  const listing = listOperations(program)
  const imports = addedImports(
    free.map(({ name }) => name),
    adaptors,
  )
  const unknown = free.filter(({ name, parents }) => {
    const parent = parents.at(-1)
    const isGuarded = parent?.type === 'UnaryExpression' && parent.operator === 'typeof'
    return name !== '$' && !isKnown(name) && !isGuarded
  })
  const known = [...exported, ...topNames(program)]
  const strange = (atLoad: boolean) =>
    unknown.filter((use) => use.atLoad === atLoad).map((use) => unknownName(use, adaptors, known))
  const stray = listing.calls.filter(({ expression }) => {
    const root = rootOf(expression.callee)
    return (
      root.type === 'Identifier' &&
      isOfLanguage(root.name) &&
      !exported.has(root.name) &&
      !topNames(program).has(root.name)
    )
  })

  const lines = linesOf(source)
  const placed = (troubles: readonly Trouble[]): readonly ScriptProblem[] =>
    troubles
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, message, hint }) => ({ place: lines.placeOf(at), message, ...(hint === undefined ? {} : { hint }) }))
  const problems = placed([
    ...lazy.troubles,
    ...listing.troubles,
    ...strange(true),
    ...stray.map(strayCall),
    ...(globals.length > 0 ? [] : keyMaterial(program)),
  ])
  if (problems.length > 0) return { problems }
  return {
    script: {
      source,
      program,
      imports:
        deferred.length > 0
          ? [{ specifier: '@openfn/runtime', names: [['defer', '_defer']], all: false }, ...imports]
          : imports,
      edits: [...lazy.edits, ...deferred],
      listing,
      usedGlobals: globals.filter((name) => free.some((use) => use.name === name && !exported.has(name))),
      operations: [...listing.listed, ...listing.calls].map(({ start, name }) => ({ ...lines.placeOf(start), name })),
      warnings: placed([...listing.warnings, ...strange(false)]),
    },
  }
}

/** What is there wherever JavaScript runs in this process. OpenFn's own sandbox has less of it. */
function isOfLanguage(name: string): boolean {
  return name in globalThis || name === 'arguments'
}

function unknownName(
  { name, node: { start: at }, atLoad }: FreeName,
  adaptors: readonly KnownModule[],
  known: readonly string[],
): Trouble {
  if (name === 'state' && atLoad) {
    return {
      at,
      message: 'there is no state yet when a script is loaded.',
      hint: 'Use $ or a function (state => state.data); for an old script set "legacy" for this job in the settings.',
    }
  }
  const sources = ['this file', ...adaptors.map(({ specifier }) => specifier)]
  const hint = suggest(name, known)
  return {
    at,
    message: `"${name}" is neither in ${sources.join(' nor in ')}.`,
    ...(hint === undefined ? {} : { hint }),
  }
}

function strayCall({ start, name }: Listing['calls'][number]): Trouble {
  return {
    at: start,
    message: `${name}(…) is no operation, and a call at the top of a script must be one.`,
    hint: 'Move it into an operation: fn(state => { …; return state })',
  }
}
