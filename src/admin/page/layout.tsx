/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import { may } from '../users/roles.ts'
import { said } from './said.ts'
import type { Visit } from './visit.ts'

interface Page {
  readonly title: string
  /** Absent: nobody has signed in. */
  readonly visit?: Visit | undefined
  readonly children?: Child
}

/** A whole document. Without scripts; every value that is put into it is escaped by hono/jsx. */
export function page(props: Page) {
  return html`<!doctype html>${<Document {...props} />}`
}

function Document({ title, visit, children }: Page) {
  const message = said(visit?.said)
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title} · Exchange</title>
        <link rel="stylesheet" href="/page/pico.css" />
        <link rel="stylesheet" href="/page/page.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        {visit !== undefined && <Top visit={visit} />}
        <main>
          <h1>{title}</h1>
          {message !== undefined && <p role="status">{message}</p>}
          {children}
        </main>
      </body>
    </html>
  )
}

const places = [
  ['/', 'Overview'],
  ['/entries', 'Entries'],
  ['/runs', 'Runs'],
  ['/records', 'Records'],
  ['/effects', 'Effects'],
  ['/notices', 'Notices'],
  ['/activity', 'Activity'],
  ['/audit', 'Audit'],
] as const

function Top({ visit }: { readonly visit: Visit }) {
  const { name, role } = visit.person
  const shown = places.filter(([path]) => path !== '/audit' || may(role, 'administrator'))
  return (
    <header>
      <nav aria-label="Pages">
        <ul>
          {shown.map(([path, label]) => (
            <li>
              <a href={path} aria-current={visit.path === path ? 'page' : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="who">
        <span>
          {name}, {role}
        </span>
        {visit.csrf !== undefined && (
          <form method="post" action="/logout">
            <input type="hidden" name="csrf" value={visit.csrf} />
            <button type="submit">Sign out</button>
          </form>
        )}
      </div>
    </header>
  )
}
