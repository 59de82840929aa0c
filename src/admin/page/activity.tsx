/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { ActivityRow, Store } from '../../store/types.ts'
import { page } from './layout.tsx'
import { Code, Filter, State, Table, Time } from './parts.tsx'
import type { Visit } from './visit.ts'

const levels = ['alert', 'info'] as const

export async function activityPage(visit: Visit, { activity }: Pick<Store, 'activity'>, level: string | undefined) {
  const known = levels.find((one) => one === level)
  const rows = await activity.list({ limit: 200, ...(known === undefined ? {} : { level: known }) })
  return page({
    title: 'Activity',
    visit,
    children: (
      <>
        <Filter path="/activity" name="level" values={levels} chosen={known} />
        <ActivityTable rows={rows} />
      </>
    ),
  })
}

export function ActivityTable({ rows }: { readonly rows: readonly ActivityRow[] }) {
  return (
    <Table
      of="activity"
      columns={['When', 'Level', 'What', 'Workflow', 'Entry', 'Record']}
      rows={rows.map(({ at, level, what, workflow, entry, record }) => [
        <Time at={at} />,
        <State is={level} />,
        level === 'alert' ? <Code code={what} /> : what,
        workflow ?? '–',
        entry === null ? '–' : <a href={`/entries/${encodeURIComponent(entry)}`}>{entry}</a>,
        record ?? '–',
      ])}
    />
  )
}
