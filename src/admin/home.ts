import { html } from 'hono/html'
import type { Store } from '../store/types.ts'
import { countUnfinished } from './counts.ts'

const latest = 50

/** The start page: what waits, and what happened last. Ids, codes and times only; every value is escaped. */
export async function homePage(store: Pick<Store, 'entries' | 'activity'>) {
  const [counts, rows] = await Promise.all([countUnfinished(store.entries), store.activity.list({ limit: latest })])
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Exchange</title></head>
<body>
<h1>Exchange</h1>
<h2>Entries</h2>
<dl>${Object.entries(counts).map(([state, count]) => html`<dt>${state}</dt><dd>${count}</dd>`)}</dl>
<h2>Latest activity</h2>
<table>
<thead><tr><th>When</th><th>Level</th><th>What</th><th>Workflow</th><th>Entry</th><th>Record</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><td>${row.at}</td><td>${row.level}</td><td>${row.what}</td><td>${row.workflow ?? ''}</td><td>${row.entry ?? ''}</td><td>${row.record ?? ''}</td></tr>`,
  )}</tbody>
</table>
<p><a href="/api/runs">Runs</a>, <a href="/api/entries">entries</a>, <a href="/api/effects">effects</a>,
<a href="/api/records">records</a>, <a href="/api/openapi.json">the API’s description</a></p>
</body>
</html>`
}
