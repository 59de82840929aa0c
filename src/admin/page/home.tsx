/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Project } from '../../project/types.ts'
import type { Store } from '../../store/types.ts'
import { countUnfinished } from '../counts.ts'
import { ActivityTable } from './activity.tsx'
import type { Condition } from './conditions.ts'
import { EffectsTable } from './effects.tsx'
import { EntriesTable } from './entries.tsx'
import { page } from './layout.tsx'
import { NoticesTable } from './notices.tsx'
import { Press, State, Table } from './parts.tsx'
import { RecordsTable } from './records.tsx'
import type { Visit } from './visit.ts'

interface Home {
  readonly visit: Visit
  readonly store: Store
  readonly workflows: Project['workflows']
  readonly conditions: readonly Condition[]
}

const latest = 20

/** What needs a person first, then what waits, then what happened last. */
export async function homePage({ visit, store, workflows, conditions }: Home) {
  const [counts, open, stuck, doubts, kept, alerts, last] = await Promise.all([
    countUnfinished(store.entries),
    store.notices.list({ state: 'open', limit: latest }),
    store.entries.list({ state: 'stuck', kind: 'webhook', limit: latest }),
    store.ledger.list({ state: 'in_doubt', limit: latest }),
    store.records.list({ limit: latest }),
    store.activity.list({ level: 'alert', limit: 5 }),
    store.activity.list({ limit: latest }),
  ])
  const crons = Object.values(workflows).filter(({ trigger }) => trigger.type === 'cron')
  return page({
    title: 'Overview',
    visit,
    children: (
      <>
        <dl class="counts">
          {Object.entries(counts).map(([state, count]) => (
            <div>
              <dt>
                <a href={`/entries?state=${state}`}>{state}</a>
              </dt>
              <dd>{count}</dd>
            </div>
          ))}
        </dl>
        {conditions.length > 0 && <h2>Systems</h2>}
        {conditions.length > 0 && (
          <Table of="systems" columns={['What', 'State', 'Until']} rows={conditions.map(conditionCells)} />
        )}
        {open.length > 0 && <h2>Notices to tell</h2>}
        {open.length > 0 && <NoticesTable visit={visit} rows={open} />}
        <h2>Stuck entries</h2>
        <EntriesTable visit={visit} rows={stuck} />
        <h2>Effects in doubt</h2>
        <EffectsTable visit={visit} rows={doubts} />
        <h2>Records that wait or were refused</h2>
        <RecordsTable rows={kept} />
        <h2>Latest alerts</h2>
        <ActivityTable rows={alerts} />
        <h2>Workflows that run by the clock</h2>
        <Table
          of="workflows"
          columns={['Workflow', 'Cron', 'Act']}
          rows={crons.map(({ key, trigger }) => [
            <a href={`/runs?${new URLSearchParams({ workflow: key })}`}>{key}</a>,
            trigger.type === 'cron' ? <code>{trigger.cron}</code> : '',
            <Press
              visit={visit}
              needs="operator"
              action="/runs"
              label="Run now"
              about={key}
              fields={{ workflow: key }}
            />,
          ])}
        />
        <h2>Latest activity</h2>
        <ActivityTable rows={last} />
        <p>
          <a href="/api/openapi.json">The API’s description</a>
        </p>
      </>
    ),
  })
}

function conditionCells({ what, state, until }: Condition) {
  return [what, <State is={state} />, until]
}
