import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { adaptors } from './src/project/adaptors.ts'

const alias = Object.entries(adaptors).map(([find, url]) => ({ find, replacement: fileURLToPath(url) }))

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      ...(process.env.TEST_DATABASE_URL === undefined ? ['test/postgres/**'] : []),
      // Whole processes from outside: `npm run test:contract`, so that `npm test` stays under five minutes.
      ...(process.env.TEST_CONTRACT === undefined ? ['test/contract/**'] : []),
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
