import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { adaptors } from '../../src/project/adaptors.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Who may import whom. A part may always import itself; `parts/file` allows that one file. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: ['*'],
  admin: ['store', 'mapping', 'project', 'errors', 'log'],
  trigger: ['store', 'project', 'errors', 'log'],
  run: ['store', 'project', 'errors', 'log'],
  jobs: ['operations', 'referral', 'mapping', 'adaptors'],
  operations: ['referral', 'mapping', 'adaptors', 'errors'],
  project: ['mapping', 'errors'],
  // Steps on OpenFn Lightning: the ledger's rules over its collections, and what puts a project there and takes one over.
  lightning: ['run', 'adaptors', 'store/types', 'project', 'mapping', 'errors'],
  referral: ['mapping', 'errors'],
  mapping: ['errors', 'log'],
  store: ['errors', 'log'],
  adaptors: ['log', 'errors', 'mapping/types'],
  simulator: ['mapping'],
  log: ['errors'],
  errors: [],
}

interface Import {
  readonly file: string
  /** As written. */
  readonly specifier: string
  /** `part/file` without extension, for what is ours. */
  readonly target: string | undefined
}

const imports = [...filesIn('src'), ...filesIn('jobs')].flatMap(importsOf)

test('every part has its row in the table of who may import whom', () => {
  const parts = new Set([...filesIn('src'), ...filesIn('jobs')].map(partOf))

  expect([...parts].filter((part) => allowed[part] === undefined)).toEqual([])
})

test('parts import in one direction only', () => {
  const wrong = imports
    .filter(({ file, target }) => target !== undefined && !mayImport(partOf(file), target))
    .map(({ file, target }) => `${file} imports ${target}`)

  expect(wrong).toEqual([])
})

test('OpenFn’s packages are for jobs, operations and adaptors', () => {
  const wrong = imports
    .filter(({ specifier }) => specifier.startsWith('@openfn/'))
    .map(({ file }) => partOf(file))
    .filter((part) => !['jobs', 'operations', 'adaptors', 'lightning'].includes(part))

  expect(wrong).toEqual([])
})

test('production code does not import the simulators, save the commands that offer them', () => {
  const importers = imports.filter(({ target }) => target?.startsWith('simulator/')).map(({ file }) => partOf(file))

  expect([...new Set(importers)].filter((part) => part !== 'cli' && part !== 'simulator')).toEqual([])
})

test('run, store, trigger and admin do not know which systems they serve', () => {
  const named = ['run', 'store', 'trigger', 'admin']
    .flatMap((part) => filesIn(`src/${part}`))
    .filter((file) => /primero|dtp|progres/i.test(file) || /primero|dtp|progres/i.test(read(file)))

  expect(named).toEqual([])
})

test('the type checker links adaptor names as the runner does', () => {
  const { compilerOptions } = JSON.parse(read('tsconfig.json'))
  const paths = Object.entries(compilerOptions.paths as Record<string, string[]>)

  const linked = Object.entries(adaptors).map(([name, url]) => [name, [`./${relative(root, fileURLToPath(url))}`]])
  expect(paths).toEqual(linked)
})

function mayImport(part: string, target: string): boolean {
  const parts = [part, ...(allowed[part] ?? [])]
  return parts.some((permitted) => permitted === '*' || target === permitted || target.startsWith(`${permitted}/`))
}

function partOf(file: string): string {
  const [first = '', second = ''] = file.split('/')
  return first === 'src' ? second : first
}

function importsOf(file: string): readonly Import[] {
  const code = read(file)
  const found = code.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import '([^']+)'/g,
  )
  return [...found].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    return { file, specifier, target: targetOf(file, specifier) }
  })
}

function targetOf(file: string, specifier: string): string | undefined {
  const own = 'primero-progres-exchange/'
  if (specifier.startsWith(own)) return specifier.slice(own.length)
  if (specifier === '@openfn/language-collections') return 'adaptors/language-collections/operations'
  if (specifier === '@openfn/language-primero') return 'adaptors/language-primero/operations'
  if (!specifier.startsWith('.')) return undefined
  const path = relative(root, resolve(join(root, dirname(file)), specifier)).replace(/\.ts$/, '')
  return path.startsWith('src/') ? path.slice('src/'.length) : path
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file))
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
