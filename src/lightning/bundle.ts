import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

export interface BundledJob {
  readonly code: string
  /** Packages that the code asks for and that a step of Lightning would not find. */
  readonly missing: readonly string[]
}

interface Request {
  /** Absolute path of the job's module. */
  readonly path: string
  /** `@openfn/language-http`: what the step is given besides the collections. */
  readonly adaptor: string
  /** Handed to the job's beginning and end, see `onLightning`. */
  readonly facts: Readonly<Record<string, unknown>>
}

/**
 * A job of ours, a module with imports, as one script of plain JavaScript that OpenFn's compiler and runtime take as it is.
 *
 * Everything is inside one function: a call at the top would be taken for an operation. The list of operations is a
 * literal at the end, the only form that the compiler leaves alone.
 *
 * @source docs/systems.md §OpenFn/compiler, §OpenFn/steps
 */
export async function bundleJob({ path, adaptor, facts }: Request): Promise<BundledJob> {
  const missing = new Set<string>()
  const used = new Set<string>()
  const entry = [
    `import job from ${JSON.stringify(path)}`,
    `import { onLightning } from ${JSON.stringify(here('onLightning.ts'))}`,
    `export const operations = onLightning(job, ${JSON.stringify(facts)})`,
  ].join('\n')
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: here('.'), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'job',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    conditions: ['browser'],
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    inject: [here('sandbox/globals.ts')],
    define: Object.fromEntries(absent.map((name) => [name, 'undefined'])),
    plugins: [sandbox(adaptor, used, missing)],
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error('esbuild gave no file.')
  const lines = [
    used.has('http') ? `import * as http from '${adaptor}';` : '',
    `import { collections } from '@openfn/language-collections';`,
    `export * from '${adaptor}';`,
    file.text.trim(),
    'export default [...job.operations];',
    '',
  ]
  return {
    code: lines.filter((line, index) => line !== '' || index === lines.length - 1).join('\n'),
    missing: [...missing],
  }
}

/** Looked for by libraries, which do without. */
const absent = [
  'process',
  'crypto',
  'navigator',
  'structuredClone',
  'TextEncoder',
  'TextDecoder',
  'fetch',
  'window',
  'File',
  'atob',
  'btoa',
]

const standIns: Readonly<Record<string, string>> = {
  'node:crypto': 'sandbox/crypto.ts',
  'node:async_hooks': 'sandbox/asyncHooks.ts',
  'node:stream': 'sandbox/stream.ts',
}

/** Puts what works in the sandbox in the place of what does not. */
function sandbox(adaptor: string, used: Set<string>, missing: Set<string>): Plugin {
  const outside = (name: string, lines: readonly string[]) => ({
    resolveDir: here('.'),
    contents: [`import { fromOutside } from ${JSON.stringify(here('sandbox/outside.ts'))}`, ...lines].join('\n'),
    loader: 'js' as const,
    pluginData: name,
  })
  return {
    name: 'sandbox',
    setup(build) {
      build.onResolve({ filter: /^node:/ }, ({ path }) => {
        const own = standIns[path]
        if (own !== undefined) return { path: here(own) }
        missing.add(path)
        return { path, external: true }
      })
      build.onResolve({ filter: /^\.\/transport\.ts$/ }, ({ importer }) =>
        importer.includes('language-primero') ? { path: here('sandbox/transport.ts') } : undefined,
      )
      // As a namespace, what is not used of it is left out: its messages in every language above all.
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replace("import { z } from 'zod'", "import * as z from 'zod'"),
        loader: 'ts',
      }))
      build.onResolve({ filter: /^@openfn\// }, ({ path }) => {
        if (path === '@openfn/language-http' && adaptor === path) return { path, namespace: 'outside' }
        if (path === '@openfn/language-collections') return { path, namespace: 'outside' }
        missing.add(path)
        return { path, external: true }
      })
      build.onLoad({ filter: /language-http$/, namespace: 'outside' }, () => {
        used.add('http')
        const names = ['get', 'post', 'put', 'patch', 'del', 'request']
        return outside(
          'http',
          names.map((name) => `export const ${name} = fromOutside(http.${name})`),
        )
      })
      build.onLoad({ filter: /language-collections$/, namespace: 'outside' }, () =>
        outside('collections', [
          ...['get', 'set', 'remove', 'each'].map((name) => `const ${name} = fromOutside(collections.${name})`),
          'const all = { get, set, remove, each }',
          'export { all as collections }',
        ]),
      )
    },
  }
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
