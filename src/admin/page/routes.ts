import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import type { Acts } from '../acts.ts'
import { failed } from '../answers.ts'
import type { BrowserSessions } from '../session.ts'
import type { SignIn } from '../signIn.ts'
import type { AdminEnv, AdminPorts } from '../types.ts'
import { activityPage } from './activity.tsx'
import { auditPage } from './audit.tsx'
import { conditionsOf } from './conditions.ts'
import { effectsPage } from './effects.tsx'
import { entriesPage, entryPage } from './entries.tsx'
import { createGate, formOf } from './gate.ts'
import { homePage } from './home.tsx'
import { loginPage } from './login.tsx'
import { noticesPage } from './notices.tsx'
import { recordsPage } from './records.tsx'
import { runPage, runsPage } from './runs.tsx'

interface Options {
  readonly ports: AdminPorts
  readonly acts: Acts
  readonly signIn: SignIn
  readonly sessions: BrowserSessions
}

/** The activity page: HTML, two style sheets, no script. Ids, codes and times; nothing of a child. */
export function createPage({ ports, acts, signIn, sessions }: Options): Hono<AdminEnv> {
  const { store, workflows, metrics, now } = ports
  const { look, act } = createGate({ signIn, sessions })
  const app = new Hono<AdminEnv>()

  for (const [name, text] of styles) {
    app.get(`/page/${name}`, (c) => c.body(text, 200, { 'content-type': 'text/css; charset=UTF-8' }))
  }

  app.get('/login', (c) => c.html(loginPage({ why: c.req.query('said') })))
  app.post('/login', async (c) => {
    const form = await formOf(c)
    const user = form.get('name')?.trim() ?? ''
    const attempt = { user, address: c.env.address, device: sessions.deviceOf(c, user) }
    const judged = await signIn.judge(attempt, form.get('password') ?? '')
    if (judged.is === 'locked') {
      c.header('retry-after', String(judged.seconds))
      return c.html(loginPage({ why: 'locked' }), 429)
    }
    if (judged.is === 'refused') return c.html(loginPage({ why: 'wrong' }), 401)
    await sessions.begin(c, judged.person)
    await note(judged.person.name, 'signed in')
    return c.redirect('/', 303)
  })
  app.post('/logout', act('viewer'), async (c) => {
    await sessions.end(c)
    await note(c.get('person').name, 'signed out')
    return c.redirect('/login?said=signed_out', 303)
  })

  app.get('/', look('viewer'), async (c) => {
    const conditions = await conditionsOf(metrics, now())
    return c.html(await homePage({ visit: c.get('visit'), store, workflows, conditions }))
  })
  app.get('/entries', look('viewer'), async (c) => {
    const { state, before } = c.req.query()
    return c.html(await entriesPage(c.get('visit'), store, { state, before }))
  })
  app.get('/entries/:id', look('viewer'), async (c) => {
    const entry = await store.entries.get(c.req.param('id'))
    if (entry === undefined) return failed(c, 'unknown_entry')
    return c.html(entryPage(c.get('visit'), entry, await store.runs.ofEntry(entry.id)))
  })
  app.get('/runs', look('viewer'), async (c) => {
    const { state, workflow, before } = c.req.query()
    return c.html(await runsPage(c.get('visit'), store, { state, workflow, before }))
  })
  app.get('/runs/:id', look('viewer'), async (c) => {
    const run = await store.runs.get(c.req.param('id'))
    return run === undefined ? failed(c, 'unknown_run') : c.html(runPage(c.get('visit'), run))
  })
  app.get('/records', look('viewer'), async (c) =>
    c.html(await recordsPage(c.get('visit'), store, c.req.query('outcome'))),
  )
  app.get('/effects', look('viewer'), async (c) => {
    const { state, before } = c.req.query()
    return c.html(await effectsPage(c.get('visit'), store, { state, before }))
  })
  app.get('/notices', look('viewer'), async (c) => {
    const { state, before } = c.req.query()
    return c.html(await noticesPage(c.get('visit'), store, { state, before }))
  })
  app.get('/activity', look('viewer'), async (c) =>
    c.html(await activityPage(c.get('visit'), store, c.req.query('level'))),
  )
  app.get('/audit', look('administrator'), async (c) =>
    c.html(await auditPage(c.get('visit'), store, c.req.query('before'))),
  )

  app.post('/entries/:id/replay', act('operator'), async (c) => {
    const id = c.req.param('id')
    const result = await acts.replay(id, c.get('person').name)
    return back(c, `/entries/${encodeURIComponent(id)}`, result, 'not_stuck')
  })
  app.post('/entries/:id/discard', act('administrator'), async (c) => {
    const id = c.req.param('id')
    const result = await acts.discard(id, c.get('person').name)
    return back(c, `/entries/${encodeURIComponent(id)}`, result, 'not_stuck')
  })
  app.post('/effects/settle', act('operator'), async (c) => {
    const form = c.get('form')
    const arrived = form.get('arrived')
    if (arrived !== 'true' && arrived !== 'false') return failed(c, 'wrong_form')
    const result = await acts.settle(form.get('key') ?? '', arrived === 'true', c.get('person').name)
    return back(c, '/effects', result, 'not_in_doubt')
  })
  app.post('/notices/:id/done', act('operator'), async (c) => {
    const result = await acts.tell(c.req.param('id'), c.get('person').name)
    return back(c, '/notices', result === 'done' ? 'told' : result, 'notice_done')
  })
  app.post('/runs', act('operator'), async (c) => {
    const asked = await acts.ask(c.get('form').get('workflow') ?? '', c.get('person').name)
    return back(c, '/runs', typeof asked === 'string' ? asked : 'asked', 'needs_message')
  })

  return app

  function note(actor: string, what: 'signed in' | 'signed out'): Promise<void> {
    return store.audit.add({ at: now().toISOString(), actor, act: what, object: null, code: null })
  }
}

/** Read once: they are part of the program. pico.css is copied from the package @picocss/pico. */
const styles = ['pico.css', 'page.css'].map(
  (name) => [name, readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')] as const,
)

/** After an act the browser asks for a page, so that loading it again does nothing again. */
function back(c: Context<AdminEnv>, path: string, result: string, conflict: string): Response {
  const said = result === 'conflict' ? conflict : result
  return c.redirect(result === 'unknown' ? `/?said=${said}` : `${path}?said=${said}`, 303)
}
