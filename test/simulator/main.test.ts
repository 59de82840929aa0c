import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { answerOf, basic, closing } from './ask.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

async function run(
  ...args: readonly string[]
): Promise<{ ready: Record<string, string>; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, ['--import', './bin/typescript.js', 'src/simulator/main.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  closing({
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  })
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
  return { ready: JSON.parse(line), ended }
}

test('a Primero in a process of its own is seeded, counted and disturbed over /_simulator', async () => {
  const { ready } = await run('primero', '--empty', '--users', 'unhcr@site.example.org')
  const control = async (path: string, body?: object) =>
    answerOf(await fetch(`${ready.url}/_simulator/${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {}))
  const cases = async () =>
    answerOf(
      await fetch(`${ready.url}/api/v2/cases?per=1`, {
        headers: { authorization: basic(ready.user ?? '', ready.password ?? '') },
      }),
    )

  const made = await control('cases', { count: 50, unhcr_user: 'unhcr@site.example.org', same_instant: 10 })
  const decided = await control('cases', { count: 5, first: 100, decided: true })
  const listed = await cases()
  await control('faults', { what: { kind: 'answer', status: 502 } })
  const failed = await cases()
  const content = await control('content')
  const requests = await control('requests')

  expect(made.body).toMatchObject({ made: 50 })
  expect(decided.body).toMatchObject({ made: 5 })
  expect(listed.body.metadata.total).toBe(55)
  expect(failed.status).toBe(502)
  expect(content.body).toMatchObject({ cases: 55, services: 55, referrals: { in_progress: 50 } })
  expect(requests.body).toEqual({ count: 2, routes: { 'GET /api/v2/cases': 2 } })
})

test('a DTP in a process of its own speaks https with certificates it leaves in a folder, and ends at SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'))

  const { ready } = await run('dtp', '--certificates', folder)

  expect(ready).toMatchObject({
    url: expect.stringMatching(/^https:.*\/primero-uat$/),
    subscription_key: expect.any(String),
  })
  expect(readFileSync(join(folder, 'client.pem'), 'utf8')).toContain('BEGIN CERTIFICATE')
})

test('an unknown system is refused in words', async () => {
  const child = spawn(process.execPath, ['--import', './bin/typescript.js', 'src/simulator/main.ts', 'opera'], {
    cwd: root,
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))

  expect([code, said]).toEqual([1, 'Say which simulator to start: primero or dtp, not "opera".\n'])
})

test('without msw a simulator says what is missing and how to get it', async () => {
  const hook = `export function resolve(name, context, next) {
    if (name === 'msw') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' })
    return next(name, context)
  }`
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(url(hook))})`
  const imports = ['--import', './bin/typescript.js', '--import', url(register)]
  const child = spawn(process.execPath, [...imports, 'src/simulator/main.ts', 'primero'], { cwd: root })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))

  expect(code).toBe(1)
  expect(said).toContain('The package msw is not installed, and the Primero and DTP simulators')
  expect(said).toContain('npm install')
})
