/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { KeptRecord, Store } from '../../store/types.ts'
import { page } from './layout.tsx'
import { Code, Filter, State, Table, Time } from './parts.tsx'
import type { Visit } from './visit.ts'

const outcomes = ['waiting', 'refused', 'in_doubt'] as const

export async function recordsPage(visit: Visit, { records }: Pick<Store, 'records'>, outcome: string | undefined) {
  const known = outcomes.find((one) => one === outcome)
  const rows = await records.list({ limit: 500, ...(known === undefined ? {} : { outcome: known }) })
  return page({
    title: 'Records that wait or were refused',
    visit: { ...visit, path: '/records' },
    children: (
      <>
        <Filter path="/records" name="outcome" values={outcomes} chosen={known} />
        <RecordsTable rows={rows} />
      </>
    ),
  })
}

export function RecordsTable({ rows }: { readonly rows: readonly KeptRecord[] }) {
  return (
    <Table
      of="records"
      columns={['Record', 'Outcome', 'Workflow', 'Since', 'Due', 'Attempts', 'Code']}
      rows={rows.map(({ key, outcome, workflow, since, due_at, attempt, code }) => [
        key,
        <State is={outcome} />,
        workflow,
        <Time at={since} />,
        <Time at={due_at} />,
        attempt,
        <Code code={code} />,
      ])}
    />
  )
}
