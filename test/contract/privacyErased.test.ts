import { readdirSync, readFileSync, statSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newChild, referrals } from './messages.ts'
import { startSite } from './site.ts'
import { storedPayload } from './storedPayload.ts'
import { until } from './until.ts'

test('pinned 24: soon after done no copy of the payload is left in the data folder, the encrypted one included', async () => {
  const other = await startSite()
  const child = newChild()
  other.primero.faults.add({ match: { method: 'GET', path: '/cases' }, what: { kind: 'delay', delayMs: 1_500 } })
  const id = await other.post(referrals(child.row({ progres_interventiondescription: 'x'.repeat(100_000) })))
  const folder = await mkdtemp(join(tmpdir(), 'exchange-privacy-'))
  const copy = join(folder, 'copy')
  await cp(other.dataDir, copy, { recursive: true })
  const payload = await storedPayload(copy, id)
  const isThere = () =>
    filesIn(other.dataDir).some((path) => {
      const bytes = readFileSync(path)
      for (let from = 0; from + 64 <= payload.length; from += 64)
        if (bytes.includes(payload.subarray(from, from + 64))) return true
      return false
    })
  const whileRunning = isThere()

  await other.settled(id, 'done')
  const began = performance.now()
  await until('an empty data folder', () => (isThere() ? undefined : true))
  const tookMs = performance.now() - began
  await other.close()
  await rm(folder, { recursive: true })

  expect(payload.length).toBeGreaterThan(100_000)
  expect(whileRunning).toBe(true)
  expect(tookMs).toBeLessThan(30_000)
})

function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile())
}
