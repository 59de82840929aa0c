import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { adaptors } from './src/project/adaptors.ts'

const alias = Object.entries(adaptors).map(([find, url]) => ({ find, replacement: fileURLToPath(url) }))

/** Half a minute and more each, most of it starts of the command. */
const longOnes = [
  ...['access', 'clone', 'cloneOptions', 'commands', 'doctor', 'drill', 'dryRun', 'install', 'mappings', 'newCountry'],
  ...['readme', 'rotation'],
]

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      ...(process.env.TEST_DATABASE_URL === undefined ? ['test/postgres/**'] : []),
      // Whole processes from outside: `npm run test:contract`, so that `npm test` stays under five minutes.
      ...(process.env.TEST_CONTRACT === undefined ? ['test/contract/**'] : []),
      // The longest of them: `npm run test:long`.
      ...(process.env.TEST_LONG === undefined
        ? ['test/crash/every/frozen.test.ts', ...longOnes.map((name) => `test/contract/${name}.test.ts`)]
        : []),
      // Needs a Chromium: its path.
      ...(process.env.TEST_BROWSER === undefined ? ['test/browser/**'] : []),
      // A hundred kills and more: `npm run test:crash`. The most dangerous ones are in `npm test`.
      ...(process.env.TEST_CRASH === undefined ? ['test/crash/every/**'] : []),
      // Every script of the corpus, and the exported project, in OpenFn's own runtime: `npm run test:openfn`.
      ...(process.env.TEST_OPENFN === undefined
        ? ['test/openfn/differential.test.ts', 'test/openfn/exportedRuns.test.ts']
        : []),
      // Needs strace, a package of the system.
      ...(process.env.TEST_STRACE === undefined ? ['test/crash/strace/**'] : []),
    ],
    // Real processes, sockets and clocks on a build machine that is busy with something else: a claim that fails three times is false.
    retry: process.env.CI === undefined ? 0 : 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
