import { writeSync } from 'node:fs'
import { main } from '../../src/cli/main.ts'
import { endOf } from './commandEnd.ts'

// Several commands one after another in one process, as loading costs more than they do: `manyCommands.ts '[["check"], …]'`.
for (const args of JSON.parse(process.argv[2] ?? '[]')) {
  process.exitCode = 0
  await main(['node', 'exchange', ...args])
  for (const fd of [1, 2]) writeSync(fd, endOf(process.exitCode))
}
process.exitCode = 0
