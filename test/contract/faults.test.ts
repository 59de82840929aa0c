import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exchange } from '../cli/exchange.ts'
import { type Child, newChild } from './messages.ts'
import { startSite } from './site.ts'
import { casesOf, rows, told } from './systems.ts'
import { until } from './until.ts'

/** Faults of which a whole process is needed: its signals, its disk, its start. */
const site = await startSite({ primero: { latencyMs: 20 } })
afterAll(() => site.close())

const canary = 'Cnryngiven'
const marked = (child: Child) => child.message({ 'individuals.progres_givenname': canary })
const database = join(site.dataDir, 'exchange.db')

async function arrivedOnce(children: readonly Child[]): Promise<void> {
  for (const child of children) {
    expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
    expect(rows(site.primero, child.number)).toHaveLength(1)
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
  }
}

/** The largest file that the process may write, in bytes: `ulimit -f` from outside, while it runs. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(site.exchange.process.pid), `--fsize=${bytes}:unlimited`])
}

test('F3: SIGTERM with fifty entries under way: it ends within ten seconds or little more with 0, and after a start each is delivered and told once', async () => {
  const children = Array.from({ length: 50 }, newChild)
  const ids = await Promise.all(children.map((child) => site.post(marked(child))))
  await until('some are done', async () => (site.dtp.received.length >= 5 ? true : undefined))
  const began = performance.now()

  const code = await site.stop()
  const tookMs = performance.now() - began
  const before = site.dtp.received.length
  await site.start()
  for (const id of ids) await site.settled(id, 'done', 'stuck')

  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(15_000)
  expect(before).toBeLessThan(50)
  await arrivedOnce(children)
})

test('F36: the disk is full: the inbox answers 503 with Retry-After and never a false 200, says so on /ready, and goes on by itself when space returns', async () => {
  const post = async (child: Child) => {
    const message = child.message({
      'individuals.progres_givenname': canary,
      progres_interventiondescription: 'y'.repeat(60_000),
    })
    const answer = await fetch(`${site.exchange.address}/i/dtp-inbox`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': site.token },
      body: JSON.stringify(message),
    })
    return { child, status: answer.status, wait: answer.headers.get('retry-after'), text: await answer.text() }
  }
  limitFiles(statSync(database).size + 200_000)
  const answers: Awaited<ReturnType<typeof post>>[] = []
  for (let n = 0; n < 40; n++) answers.push(await post(newChild()))
  const ready = await fetch(`${site.exchange.address}/ready`)
  const reason = await ready.text()

  limitFiles('unlimited')
  const after = await until('space', async () => {
    const answer = await post(newChild())
    return answer.status === 200 ? answer : undefined
  })
  const taken = [...answers, after].filter(({ status }) => status === 200)
  for (const { text } of taken) await site.settled(JSON.parse(text).work_order_id, 'done', 'stuck')

  const refused = answers.filter(({ status }) => status !== 200)
  expect(refused.length).toBeGreaterThan(0)
  for (const { status, wait, text } of refused) {
    expect(status).toBe(503)
    expect(Number(wait)).toBeGreaterThan(0)
    expect(JSON.parse(text)).toEqual({ error: expect.any(String), message: expect.any(String) })
  }
  expect(ready.status).toBe(503)
  expect(reason).toMatch(/disk/)
  expect((await fetch(`${site.exchange.address}/ready`)).status).toBe(204)
  for (const { child } of taken) {
    expect(rows(site.primero, child.number)).toHaveLength(1)
    // Told again where it was told and could not be written down: in the same words.
    const bodies = told(site.dtp, child.number).map((body) => JSON.stringify(body))
    expect(new Set(bodies).size).toBe(1)
  }
  for (const { child } of refused) expect(casesOf(site.primero, child.individualNo)).toEqual([])
  expect(`${site.log()}${reason}${refused.map(({ text }) => text).join('')}`).not.toContain(canary)
})

test('F15: an older copy of the data folder is put back: what it holds as waiting is found done, the message has the receipt it had, nothing is doubled', async () => {
  const child = newChild()
  const outage = site.primero.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })
  const id = await site.post(marked(child))
  await site.settled(id, 'waiting')
  await site.stop()
  const copy = `${site.dataDir}-copy`
  cpSync(site.dataDir, copy, { recursive: true })
  outage.remove()
  await site.start()
  await site.settled(id, 'done')
  await site.stop()
  rmSync(site.dataDir, { recursive: true })
  cpSync(copy, site.dataDir, { recursive: true })
  await site.start()

  await site.settled(id, 'done')

  expect(await site.post(marked(child))).toBe(id)
  expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
  expect(rows(site.primero, child.number)).toHaveLength(1)
  const bodies = told(site.dtp, child.number).map((body) => JSON.stringify(body))
  expect(bodies.length).toBeLessThanOrEqual(2)
  expect(new Set(bodies).size).toBe(1)
})

describe('F37: a start on a damaged store', () => {
  test('F37: is refused with 1, says what, where and what now, writes nothing, and works again with a copy', async () => {
    const child = newChild()
    const { id } = await site.deliver(marked(child))
    await site.stop()
    const good = readFileSync(database)
    const bad = Buffer.from(good)
    bad.fill(0xa5, 4096, 20 * 4096)
    writeFileSync(database, bad)

    const { code, out, err } = await exchange(['start'], { env: site.env })
    const left = readFileSync(database)
    writeFileSync(database, good)
    await site.start()

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/store is damaged/)
    expect(err).toMatch(/restore DATA_DIR/)
    expect(err).not.toContain(canary)
    expect(left.equals(bad)).toBe(true)
    expect((await site.entry(id)).state).toBe('done')
  })
})
