import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startServer } from '../../src/trigger/server.ts'
import { administered, entryWith, keptRecords, stuck, users } from '../admin/administered.ts'

/*
 * A real browser against the real listener. TEST_BROWSER is the path of a Chromium; TEST_SCREENSHOTS, where given, the
 * folder that pictures are put into.
 */
const phone = { width: 360, height: 740 }
const pages = ['/', '/entries', '/runs', '/records', '/effects', '/notices', '/activity', '/audit']

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({
    ...(process.env.TEST_BROWSER === undefined ? {} : { executablePath: process.env.TEST_BROWSER }),
    args: ['--no-sandbox'],
  })
})
afterAll(() => browser.close())

let given: Awaited<ReturnType<typeof site>>
let context: BrowserContext | undefined
beforeEach(async () => {
  given = await site()
})
afterEach(async () => {
  await context?.close()
  await given.close()
})

describe('the activity page in a browser', () => {
  it('signs in, replays a stuck entry, settles an effect, signs out; no script runs and nothing is blocked', async () => {
    const page = await open({ javaScriptEnabled: false })
    await page.goto(given.base)
    expect(page.url()).toBe(`${given.base}/login`)
    await page.getByLabel('Name').fill('operator')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('wrong')

    await signIn(page, 'operator')
    await page.getByRole('button', { name: 'Replay' }).first().click()
    expect(await page.getByRole('status').textContent()).toBe('The entry is worked on again.')
    await page.getByRole('link', { name: 'Effects' }).click()
    await page.getByText('Settle').first().click()
    await page.getByRole('button', { name: 'It arrived' }).first().click()
    expect(await page.getByRole('status').textContent()).toBe('The effect is settled.')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto(`${given.base}/effects`)

    expect(page.url()).toBe(`${given.base}/login`)
    expect(await given.store.ledger.list({ state: 'in_doubt' })).toHaveLength(1)
    // The browser's own note of the wrong password.
    expect(given.complaints.filter((text) => !text.includes('status of 401'))).toEqual([])
  })

  it('shows an operator no button to discard, and an administrator one behind a fold', async () => {
    const page = await open()
    const { id } = given.stuckEntry
    await signIn(page, 'operator')
    await page.goto(`${given.base}/entries/${id}`)
    expect(await page.getByText('Discard').count()).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()

    await signIn(page, 'administrator')
    await page.goto(`${given.base}/entries/${id}`)
    expect(await page.getByRole('button', { name: 'Discard for ever' }).isVisible()).toBe(false)
    await page.getByText('Discard', { exact: true }).click()
    await page.getByRole('button', { name: 'Discard for ever' }).click()

    expect(await page.getByRole('status').textContent()).toContain('erased')
    expect(await given.store.entries.get(id)).toMatchObject({ state: 'done', code: 'DISCARDED' })
  })

  it('a script that got into a page would not run', async () => {
    const page = await open()
    await signIn(page, 'viewer')

    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "x"' }))`,
    )

    expect(await page.title()).toBe('Overview · Exchange')
    expect(given.complaints.join()).toContain('Content Security Policy')
  })

  it.each(['light', 'dark'] as const)('is readable on a phone, in %s', async (colorScheme) => {
    const page = await open({ viewport: phone, colorScheme })
    await signIn(page, 'administrator')
    for (const path of [...pages, `/entries/${given.stuckEntry.id}`]) {
      await page.goto(`${given.base}${path}`)
      await picture(page, `phone-${colorScheme}${path.replaceAll('/', '-').slice(0, 12)}`)

      expect(looked.parse(await page.evaluate(look)).width, path).toBeLessThanOrEqual(phone.width)
    }
  })

  it.each(['light', 'dark'] as const)(
    'has labels, headings in order and enough contrast, in %s',
    async (colorScheme) => {
      const page = await open({ colorScheme })
      await page.goto(`${given.base}/login`)
      await check(page, '/login')
      await signIn(page, 'administrator')
      for (const path of [...pages, `/entries/${given.stuckEntry.id}`]) {
        await page.goto(`${given.base}${path}`)
        await picture(page, `desk-${colorScheme}${path.replaceAll('/', '-').slice(0, 12)}`)
        await check(page, path)
      }
    },
  )
})

const look = readFileSync(new URL('./looked.js', import.meta.url), 'utf8')
const looked = z.object({
  language: z.string(),
  width: z.number(),
  headings: z.array(z.string()),
  nameless: z.array(z.string()),
  texts: z.array(z.object({ text: z.string(), contrast: z.number() })),
})

/** What every page must have, whatever is on it. */
async function check(page: Page, path: string): Promise<void> {
  const { language, headings, nameless, texts } = looked.parse(await page.evaluate(look))

  expect(language).toBe('en')
  expect(headings[0], `${path}: its first heading`).toBe('H1')
  expect(
    headings.filter((level) => level === 'H1'),
    path,
  ).toHaveLength(1)
  expect(nameless, `${path}: without a name`).toEqual([])
  expect(
    texts.filter(({ contrast }) => contrast < 4.5),
    `${path}: too pale to read`,
  ).toEqual([])
}

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  page.on('console', (message) => void given.complaints.push(message.text()))
  page.on('pageerror', (error) => void given.complaints.push(error.message))
  return page
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto(`${given.base}/login`)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(users.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  expect(page.url()).toBe(`${given.base}/`)
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.TEST_SCREENSHOTS
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** An admin side with something of everything on its pages. */
async function site() {
  const complaints: string[] = []
  const { admin, store } = await administered({ users: true })
  const records = [{ key: 'INT-1', outcome: 'refused', code: 'FIELDS_MISSING' }] as const
  const stuckEntry = await entryWith(store, stuck, records)
  await entryWith(store, stuck)
  await entryWith(store, { state: 'waiting', code: 'REMOTE_DOWN', dueAt: '2999-01-01T00:00:00.000Z' })
  await entryWith(store, { state: 'done' }, [{ key: 'INT-2', outcome: 'delivered', code: 'DELIVERED' }])
  const since = '2026-01-01T00:00:00.000Z'
  await keptRecords(store, [
    { key: 'R-7', outcome: 'waiting', code: 'REMOTE_DOWN', ids: {}, attempt: 2, due_at: since, since },
    { key: 'R-8', outcome: 'refused', code: 'CONSENT_MISSING', ids: {}, attempt: 1, due_at: null, since },
  ])
  for (const n of [1, 2]) {
    const key = `system/referral/${randomBytes(16).toString('hex')}/${n}`
    await store.ledger.write({ key, state: 'in_doubt', fingerprint: null, detail: null, updated_at: since })
  }
  const nothing = { workflow: 'inbox', entry: stuckEntry.id, run: null, record: 'INT-1' }
  await store.activity.add({ ...nothing, at: since, level: 'alert', what: 'CASE_AMBIGUOUS' })
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    behindProxy: false,
    trustedProxies: [],
    inbox: async () => {},
    routes: admin,
  })
  return { base: server.address, store, complaints, stuckEntry, close: () => server.close() }
}
