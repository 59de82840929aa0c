/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { EntryRow, RunRow, Store } from '../../store/types.ts'
import { page } from './layout.tsx'
import { Code, Filter, Older, Press, State, Table, Time } from './parts.tsx'
import { RunsTable } from './runs.tsx'
import type { Visit } from './visit.ts'

const states = ['waiting', 'running', 'stuck', 'done'] as const
const perPage = 50

interface Asked {
  readonly state: string | undefined
  readonly before: string | undefined
}

export async function entriesPage(visit: Visit, { entries }: Pick<Store, 'entries'>, { state, before }: Asked) {
  const known = states.find((one) => one === state)
  const rows = await entries.list({
    kind: 'webhook',
    limit: perPage,
    ...(known === undefined ? {} : { state: known }),
    ...(before === undefined ? {} : { before }),
  })
  const last = rows.at(-1)
  const query = { ...(known === undefined ? {} : { state: known }), before: last?.id ?? '' }
  return page({
    title: 'Entries',
    visit,
    children: (
      <>
        <Filter path="/entries" name="state" values={states} chosen={known} />
        <EntriesTable visit={visit} rows={rows} />
        {rows.length === perPage && <Older path="/entries" query={query} />}
      </>
    ),
  })
}

export function EntriesTable({ visit, rows }: { readonly visit: Visit; readonly rows: readonly EntryRow[] }) {
  return (
    <Table
      of="entries"
      columns={['Entry', 'State', 'Workflow', 'Received', 'Due', 'Code', 'Act']}
      rows={rows.map(({ id, state, workflow, received_at, due_at, code }) => [
        <a href={`/entries/${encodeURIComponent(id)}`}>{id}</a>,
        <State is={state} />,
        workflow,
        <Time at={received_at} />,
        <Time at={state === 'waiting' ? due_at : null} />,
        <Code code={code} />,
        state === 'stuck' ? <Replay visit={visit} id={id} /> : null,
      ])}
    />
  )
}

/** One entry with its runs. Discarding is behind a fold: there is no way back from it. */
export function entryPage(visit: Visit, entry: EntryRow, runs: readonly RunRow[]) {
  const { id, state, workflow, received_at, due_at, attempt, code } = entry
  return page({
    title: 'Entry',
    visit,
    children: (
      <>
        <Table
          of="entry"
          columns={['Entry', 'State', 'Workflow', 'Received', 'Due', 'Attempts', 'Code']}
          rows={[
            [
              id,
              <State is={state} />,
              workflow,
              <Time at={received_at} />,
              <Time at={due_at} />,
              attempt,
              <Code code={code} />,
            ],
          ]}
        />
        {state === 'stuck' && (
          <div class="acts">
            <Replay visit={visit} id={id} />
            <Discard visit={visit} id={id} />
          </div>
        )}
        <h2>Runs</h2>
        <RunsTable rows={runs} />
        {runs.map((run) => (
          <section>
            <h3>Run {run.id}</h3>
            <Outcomes run={run} />
          </section>
        ))}
      </>
    ),
  })
}

export function Outcomes({ run }: { readonly run: RunRow }) {
  return (
    <Table
      of="records"
      columns={['Record', 'Outcome', 'Code']}
      rows={run.records.map(({ key, outcome, code }) => [key, <State is={outcome} />, <Code code={code} />])}
    />
  )
}

function Replay({ visit, id }: { readonly visit: Visit; readonly id: string }) {
  const action = `/entries/${encodeURIComponent(id)}/replay`
  return <Press visit={visit} needs="operator" action={action} label="Replay" about={id} />
}

function Discard({ visit, id }: { readonly visit: Visit; readonly id: string }) {
  if (visit.csrf === undefined || visit.person.role !== 'administrator') return null
  return (
    <details>
      <summary>Discard</summary>
      <p>Erases the payload for ever. Its sender has to send it again.</p>
      <Press
        visit={visit}
        needs="administrator"
        action={`/entries/${encodeURIComponent(id)}/discard`}
        label="Discard for ever"
        about={id}
      />
    </details>
  )
}
