#!/usr/bin/env node
import '../bin/typescript.js'

const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
