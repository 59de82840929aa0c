/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { NoticeRow, Store } from '../../store/types.ts'
import { page } from './layout.tsx'
import { Filter, Older, Press, State, Table, Time } from './parts.tsx'
import type { Visit } from './visit.ts'

const states = ['open', 'done'] as const
const perPage = 50

interface Asked {
  readonly state: string | undefined
  readonly before: string | undefined
}

export async function noticesPage(visit: Visit, { notices }: Pick<Store, 'notices'>, { state, before }: Asked) {
  const known = states.find((one) => one === state)
  const chosen = known === undefined ? {} : { state: known }
  const rows = await notices.list({ limit: perPage, ...chosen, ...(before === undefined ? {} : { before }) })
  return page({
    title: 'Notices',
    visit,
    children: (
      <>
        <p>What a person has to tell somebody outside, because it was taken back here after it was sent.</p>
        <Filter path="/notices" name="state" values={states} chosen={known} />
        <NoticesTable visit={visit} rows={rows} />
        {rows.length === perPage && <Older path="/notices" query={{ ...chosen, before: rows.at(-1)?.id ?? '' }} />}
      </>
    ),
  })
}

export function NoticesTable({ visit, rows }: { readonly visit: Visit; readonly rows: readonly NoticeRow[] }) {
  return (
    <Table
      of="notices"
      columns={['Case', 'Withdrawn', 'Services', 'Tell', 'Until', 'State', 'Act']}
      rows={rows.map(({ id, case_number, withdrawn_on, services, tell, due_at, done_at }) => [
        case_number,
        withdrawn_on,
        services.join(', '),
        tell,
        <Time at={due_at} />,
        <State is={done_at === null ? 'open' : 'done'} />,
        done_at === null ? (
          <Press
            visit={visit}
            needs="operator"
            action={`/notices/${encodeURIComponent(id)}/done`}
            label="I have told it"
            about={case_number}
          />
        ) : (
          <Time at={done_at} />
        ),
      ])}
    />
  )
}
