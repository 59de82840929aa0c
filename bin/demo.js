#!/usr/bin/env node
import './typescript.js'

const { demo } = await import('../src/cli/demo.ts')
await demo(process.argv.slice(2))
