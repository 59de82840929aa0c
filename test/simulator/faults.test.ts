import { mkdtempSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gatewayAnswer, htmlInsteadOfJson, proxyPage } from '../../src/simulator/faults.ts'
import { ask, child, primero, uuid } from './ask.ts'

const seed = { cases: [child(1)] }
const path = `PATCH cases/${uuid(1)}`
const change = { name_first: 'Bol' }

describe('a fault', () => {
  test('strikes the matching requests, as often as asked, after those it lets pass', async () => {
    const simulator = await primero({ seed })
    const fault = simulator.faults.add({
      match: { method: 'GET', path: '/cases' },
      after: 1,
      times: 2,
      what: { kind: 'answer', status: 502 },
    })
    const get = async () => (await ask(simulator, 'GET cases')).status

    const statuses = [await get(), await get(), await get(), await get()]
    const other = await ask(simulator, 'GET users')

    expect(statuses).toEqual([200, 502, 502, 200])
    expect(other.status).toBe(200)
    expect(fault.struck).toBe(2)
  })

  test('is found by a question of its own, and can be removed', async () => {
    const simulator = await primero({ seed })
    const fault = simulator.faults.add({
      match: ({ query }) => query.has('sex'),
      times: Infinity,
      what: proxyPage(503),
    })

    expect((await ask(simulator, 'GET cases')).status).toBe(200)
    expect((await ask(simulator, 'GET cases?sex=male')).status).toBe(503)
    fault.remove()
    expect((await ask(simulator, 'GET cases?sex=male')).status).toBe(200)
  })

  test.each([
    [false, 'Abeba'],
    [true, 'Bol'],
  ])('answers 500 with the change applied: %s', async (applied, name) => {
    const simulator = await primero({ seed })
    simulator.faults.add({ what: { kind: 'answer', status: 500, body: { errors: [] }, applied } })

    const { status } = await ask(simulator, path, change)

    expect(status).toBe(500)
    expect(simulator.content.case(uuid(1))?.name_first).toBe(name)
  })

  test.each([
    ['before-reading', undefined, 'Abeba'],
    ['before-answering', false, 'Abeba'],
    ['before-answering', true, 'Bol'],
    ['while-answering', undefined, 'Bol'],
  ] as const)('cuts the connection %s, applied: %s', async (when, applied, name) => {
    const simulator = await primero({ seed })
    const what = { kind: 'reset', when, ...(applied === undefined ? {} : { applied }) } as const
    simulator.faults.add({ what })

    await expect(ask(simulator, path, change)).rejects.toThrow()

    expect(simulator.content.case(uuid(1))?.name_first).toBe(name)
    expect(simulator.requests[0]).toMatchObject({ method: 'PATCH' })
    expect(simulator.requests[0]).not.toHaveProperty('status')
    expect(simulator.requests[0]?.body).toEqual(when === 'before-reading' ? undefined : { data: change })
  })

  test('never answers, until the client gives up', async () => {
    const simulator = await primero({ seed })
    simulator.faults.add({ what: { kind: 'hang', applied: true } })

    const hung = fetch(`${simulator.url}/api/v2/cases`, { signal: AbortSignal.timeout(100) })

    await expect(hung).rejects.toThrow()
    expect((await ask(simulator, 'GET cases')).status).toBe(200)
  })

  test('answers late', async () => {
    const simulator = await primero({ seed, latencyMs: 20 })
    simulator.faults.add({ what: { kind: 'delay', delayMs: 80 } })
    const start = performance.now()

    const { status } = await ask(simulator, 'GET cases')

    expect(status).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(95)
  })

  test('leaves half of the JSON out, or sends a page instead', async () => {
    const simulator = await primero({ seed })
    simulator.faults.add({ what: { kind: 'truncate' } })
    simulator.faults.add({ what: htmlInsteadOfJson })
    simulator.faults.add({ what: gatewayAnswer(429, 7) })

    await expect(ask(simulator, 'GET cases')).rejects.toThrow(SyntaxError)
    expect((await ask(simulator, 'GET cases')).headers.get('content-type')).toBe('text/html')
    expect((await ask(simulator, 'GET cases')).headers.get('retry-after')).toBe('7')
  })
})

test('requests are remembered with query, body, status and time', async () => {
  const simulator = await primero({ seed })
  simulator.clock.freeze('2026-05-04T08:00:00Z')

  await ask(simulator, 'GET cases?per=7')
  await ask(simulator, path, change)

  expect(simulator.requests).toMatchObject([
    { method: 'GET', path: '/api/v2/cases', status: 200, at: '2026-05-04T08:00:00.000Z' },
    { method: 'PATCH', path: `/api/v2/cases/${uuid(1)}`, status: 200, body: { data: change } },
  ])
  expect(simulator.requests[0]?.query.get('per')).toBe('7')
})

test('a simulator listens on a unix socket instead of a port', async () => {
  const socketPath = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'primero.sock')
  const simulator = await primero({ seed, socketPath })

  const status = await new Promise((resolve, reject) => {
    request({ socketPath, path: '/health' }, (response) => resolve(response.statusCode))
      .on('error', reject)
      .end()
  })

  expect([simulator.url, status]).toEqual(['http://localhost', 204])
})
