/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { RunRow, Store } from '../../store/types.ts'
import { Outcomes } from './entries.tsx'
import { page } from './layout.tsx'
import { Filter, Older, State, Table, Time } from './parts.tsx'
import type { Visit } from './visit.ts'

const states = ['available', 'started', 'success', 'failed', 'crashed', 'killed'] as const
const perPage = 50

interface Asked {
  readonly state: string | undefined
  readonly workflow: string | undefined
  readonly before: string | undefined
}

export async function runsPage(visit: Visit, { runs }: Pick<Store, 'runs'>, { state, workflow, before }: Asked) {
  const known = states.find((one) => one === state)
  const chosen = {
    ...(known === undefined ? {} : { state: known }),
    ...(workflow === undefined ? {} : { workflow }),
  }
  const rows = await runs.list({ limit: perPage, ...chosen, ...(before === undefined ? {} : { before }) })
  return page({
    title: workflow === undefined ? 'Runs' : `Runs of ${workflow}`,
    visit,
    children: (
      <>
        <Filter path="/runs" name="state" values={states} chosen={known} />
        <RunsTable rows={rows} />
        {rows.length === perPage && <Older path="/runs" query={{ ...chosen, before: rows.at(-1)?.id ?? '' }} />}
      </>
    ),
  })
}

export function RunsTable({ rows }: { readonly rows: readonly RunRow[] }) {
  return (
    <Table
      of="runs"
      columns={['Run', 'State', 'Workflow', 'Started', 'Finished', 'Records', 'Mapping']}
      rows={rows.map(({ id, state, workflow, started_at, finished_at, mapping_version, records }) => [
        <a href={`/runs/${encodeURIComponent(id)}`}>{id}</a>,
        <State is={state} />,
        workflow,
        <Time at={started_at} />,
        <Time at={finished_at} />,
        records.length,
        mapping_version ?? '–',
      ])}
    />
  )
}

export function runPage(visit: Visit, run: RunRow) {
  return page({
    title: 'Run',
    visit,
    children: (
      <>
        <RunsTable rows={[run]} />
        <p>
          <a href={`/entries/${encodeURIComponent(run.entry_id)}`}>Its entry</a>
        </p>
        <h2>Records</h2>
        <Outcomes run={run} />
      </>
    ),
  })
}
