import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const names = readdirSync('jobs').map((file) => file.replace(/\.ts$/, ''))

test.each(names)('the job %s is a list of operations', async (name) => {
  const { default: job } = await import(`../jobs/${name}.ts`)

  expect(job.length).toBeGreaterThan(0)
  expect(job.map((operation: unknown) => typeof operation)).toEqual(job.map(() => 'function'))
})
