import { fileURLToPath } from 'node:url'
// First: what follows is TypeScript of a package.
import 'primero-progres-exchange/typescript'
import { defineConfig } from 'vitest/config'

const { adaptors } = await import('primero-progres-exchange/project/adaptors')
const alias = Object.entries(adaptors).map(([find, url]) => ({ find, replacement: fileURLToPath(url) }))

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    server: { deps: { inline: [/primero-progres-exchange/] } },
    testTimeout: 60_000,
  },
})
