import type { Script } from './compile.ts'
import { separated, withOperations, without } from './module.ts'
import { type Edit, type Piece, type Range, type Rendered, render } from './rope.ts'
import { type AnyNode, type Program, walk } from './syntax.ts'

/**
 * The script as the text of a function that takes `link(specifier, names?)`, and `state` where the script uses that name,
 * and resolves to the script's exports.
 *
 * A function instead of a module, because it can be run anew for each step (what a script keeps in variables ends with the
 * step, as it does in OpenFn), with a `state` of its own, and without a file: so adaptors are found wherever the project is.
 */
export function linkedOf(script: Script): Rendered & { readonly parameters: readonly string[] } {
  const { source, program, imports, listing, usedGlobals } = script
  const link = unusedName('_link', source)
  const list = unusedName('_operations', source)
  const kept = imports.map(({ all }, index) => (all ? unusedName(`_all${index}`, source) : undefined))
  const head = imports.map(({ specifier, names }, index) => linkNames(link, specifier, names, kept[index]))
  const stars = kept.filter((name) => name !== undefined)
  const own = ownDeclarations(program, { link, list, source })
  const edits = [...script.edits, ...own.edits, ...dynamicImports(program, link)]
  const hashbang = /^#!.*/.exec(source)?.[0].length ?? 0
  const all = { start: hashbang, end: program.end }
  const operations = listing.calls.map(({ expression: { start, end } }): Range => ({ start, end }))
  const body: Piece[] =
    listing.own === undefined
      ? [...without(listing.calls, all), `\nconst ${list} = [`, ...separated(operations), '];']
      : operations.length === 0
        ? [all]
        : [...withOperations(listing.own.declaration, listing.calls, all)]
  const exported = [
    ...[...stars, ...own.stars].map((name) => `...${name}`),
    ...own.exported.map(([there, here]) => `${JSON.stringify(there)}: ${here}`),
    `default: ${list}`,
  ]
  const parameters = [link, ...usedGlobals]
  const rendered = render(
    source,
    [
      `(async function (${parameters.join(', ')}) { 'use strict'; return (async () => {\n`,
      ...head,
      ...own.head,
      ...body,
      `\nreturn { ${exported.join(', ')} };\n})(); })`,
    ],
    edits,
  )
  return { ...rendered, parameters }
}

interface Own {
  readonly edits: Edit[]
  readonly head: string[]
  readonly stars: string[]
  /** Name outside, expression inside. */
  readonly exported: [string, string][]
}

interface Names {
  readonly link: string
  readonly list: string
  readonly source: string
}

/** What the script itself imports and exports, as statements of a function. */
function ownDeclarations(program: Program, { link, list, source }: Names): Own {
  const own: Own = { edits: [], head: [], stars: [], exported: [] }
  const gone = ({ start, end }: Range) => own.edits.push({ start, end, pieces: [] })
  for (const [index, node] of program.body.entries()) {
    if (node.type === 'ImportDeclaration') {
      gone(node)
      own.head.push(importedNames(node, link))
    } else if (node.type === 'ExportDefaultDeclaration') {
      own.edits.push({ start: node.start, end: node.declaration.start, pieces: [`const ${list} = `] })
    } else if (node.type === 'ExportAllDeclaration') {
      gone(node)
      const kept = unusedName(`_star${index}`, source)
      own.head.push(`const ${kept} = await ${link}(${text(node.source)});\n`)
      if (node.exported) own.exported.push([nameIn(node.exported), kept])
      else own.stars.push(kept)
    } else if (node.type === 'ExportNamedDeclaration' && node.declaration) {
      gone({ start: node.start, end: node.declaration.start })
      own.exported.push(...declaredNames(node.declaration).map((name): [string, string] => [name, name]))
    } else if (node.type === 'ExportNamedDeclaration') {
      gone(node)
      const names = node.specifiers.map(({ local, exported }) => [nameIn(local), nameIn(exported)] as const)
      if (!node.source) {
        own.exported.push(...names.map(([here, there]): [string, string] => [there, here]))
        continue
      }
      const kept = unusedName(`_from${index}`, source)
      own.head.push(
        `const ${kept} = await ${link}(${text(node.source)}, ${JSON.stringify(names.map(([there]) => there))});\n`,
      )
      own.exported.push(...names.map(([there, out]): [string, string] => [out, `${kept}[${JSON.stringify(there)}]`]))
    }
  }
  return own
}

function importedNames({ specifiers, source }: Extract<AnyNode, { type: 'ImportDeclaration' }>, link: string): string {
  const names = specifiers.flatMap((specifier): [string, string][] => {
    if (specifier.type === 'ImportDefaultSpecifier') return [['default', specifier.local.name]]
    return specifier.type === 'ImportSpecifier' ? [[nameIn(specifier.imported), specifier.local.name]] : []
  })
  const whole = specifiers.find(({ type }) => type === 'ImportNamespaceSpecifier')?.local.name
  return linkNames(link, String(source.value), names, whole)
}

function linkNames(
  link: string,
  specifier: string,
  names: readonly (readonly [string, string])[],
  whole?: string,
): string {
  const there = JSON.stringify(names.map(([name]) => name))
  const asked = `await ${link}(${JSON.stringify(specifier)}, ${there})`
  const pattern = `{ ${names.map(([name, here]) => `${JSON.stringify(name)}: ${here}`).join(', ')} }`
  if (whole === undefined) return `const ${pattern} = ${asked};\n`
  return `const ${whole} = ${asked};\n${names.length > 0 ? `const ${pattern} = ${whole};\n` : ''}`
}

/** `import(…)` goes through the same linking; there is no `import.meta` in OpenFn's sandbox. */
function dynamicImports(program: Program, link: string): readonly Edit[] {
  const edits: Edit[] = []
  walk(program, (node) => {
    const { start, end } = node
    if (node.type === 'ImportExpression') edits.push({ start, end: start + 'import'.length, pieces: [link] })
    if (node.type === 'MetaProperty' && node.meta.name === 'import') edits.push({ start, end, pieces: ['({})'] })
  })
  return edits
}

function declaredNames(declaration: AnyNode): readonly string[] {
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.flatMap(({ id }) => namesIn(id))
  return 'id' in declaration && declaration.id?.type === 'Identifier' ? [declaration.id.name] : []
}

/** Of a binding; patterns are looked through for their identifiers that stand for values. */
function namesIn(pattern: AnyNode): readonly string[] {
  if (pattern.type === 'Identifier') return [pattern.name]
  if (pattern.type === 'ObjectPattern') {
    return pattern.properties.flatMap((property) => namesIn(property.type === 'Property' ? property.value : property))
  }
  if (pattern.type === 'ArrayPattern') return pattern.elements.flatMap((element) => (element ? namesIn(element) : []))
  if (pattern.type === 'AssignmentPattern') return namesIn(pattern.left)
  return pattern.type === 'RestElement' ? namesIn(pattern.argument) : []
}

function nameIn(node: AnyNode): string {
  return node.type === 'Identifier' ? node.name : node.type === 'Literal' ? String(node.value) : ''
}

function text(source: { readonly value?: unknown }): string {
  return JSON.stringify(source.value)
}

/** Another name when the script's text has this one anywhere in it. */
function unusedName(name: string, source: string): string {
  return source.includes(name) ? unusedName(`${name}_`, source) : name
}
