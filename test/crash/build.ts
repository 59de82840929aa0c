import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Built {
  /** Folder of a project: project.yaml, jobs, mappings. */
  readonly folder: string
  /** The process to start in it. */
  readonly script: string
  remove(): void
}

/**
 * The exchange as plain JavaScript, so that a process of it starts in a third of a second and can be killed by the hundred:
 * the same modules that `exchange start` runs from source, with the jobs beside them and the clock's ticks out of the way.
 */
export async function buildExchange(): Promise<Built> {
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'exchange-'))
  const jobs = readdirSync(join(root, 'jobs')).map((file) => join(root, 'jobs', file))
  await build({
    entryPoints: [join(root, 'test/crash/child.ts'), ...jobs],
    outdir: folder,
    outbase: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    // A job that ends in .js is an OpenFn script.
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node20',
    external: ['@photostructure/sqlite', 'pg-native'],
    plugins: [ownPlace],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    tsconfig: join(root, 'tsconfig.json'),
    absWorkingDir: root,
    logLevel: 'error',
  })
  cpSync(join(root, 'mappings'), join(folder, 'mappings'), { recursive: true })
  writeFileSync(join(folder, 'project.yaml'), projectOf(readFileSync(join(root, 'project.yaml'), 'utf8')))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', exchange: { country: 'gambella' } }))
  return {
    folder,
    script: join(folder, 'test/crash/child.mjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A module looks for the files beside it where its source is. */
const ownPlace: Plugin = {
  name: 'own place',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.tsx?$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: path.endsWith('x') ? 'tsx' : 'ts',
    }))
  },
}

/** Once a year: a full hour that strikes during the tests changes nothing. */
function projectOf(yaml: string): string {
  return yaml
    .replaceAll(/(path: \.\/jobs\/.*)\.ts$/gm, '$1.mjs')
    .replaceAll(/cron_expression: .*$/gm, 'cron_expression: 0 0 1 1 *')
}
