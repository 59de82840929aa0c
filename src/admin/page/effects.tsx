/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { EffectRow, Store } from '../../store/types.ts'
import { may } from '../users/roles.ts'
import { page } from './layout.tsx'
import { Filter, Older, Press, State, Table, Time } from './parts.tsx'
import type { Visit } from './visit.ts'

const states = ['in_doubt', 'intent', 'not_reached', 'refused', 'done'] as const
const perPage = 50

interface Asked {
  readonly state: string | undefined
  readonly before: string | undefined
}

export async function effectsPage(visit: Visit, { ledger }: Pick<Store, 'ledger'>, { state, before }: Asked) {
  const known = states.find((one) => one === state)
  const chosen = known === undefined ? {} : { state: known }
  const rows = await ledger.list({ limit: perPage, ...chosen, ...(before === undefined ? {} : { before }) })
  return page({
    title: 'Effects on other systems',
    visit,
    children: (
      <>
        <Filter path="/effects" name="state" values={states} chosen={known} />
        <EffectsTable visit={visit} rows={rows} />
        {rows.length === perPage && <Older path="/effects" query={{ ...chosen, before: rows.at(-1)?.key ?? '' }} />}
      </>
    ),
  })
}

export function EffectsTable({ visit, rows }: { readonly visit: Visit; readonly rows: readonly EffectRow[] }) {
  return (
    <Table
      of="effects"
      columns={['Effect', 'State', 'Since', 'Act']}
      rows={rows.map(({ key, state, updated_at }) => [
        key,
        <State is={state} />,
        <Time at={updated_at} />,
        state === 'in_doubt' ? <Settle visit={visit} effect={key} /> : null,
      ])}
    />
  )
}

/** Behind a fold: what is said not to have arrived is sent again. */
function Settle({ visit, effect }: { readonly visit: Visit; readonly effect: string }) {
  if (visit.csrf === undefined || !may(visit.person.role, 'operator')) return null
  const press = (label: string, arrived: boolean) => (
    <Press
      visit={visit}
      needs="operator"
      action="/effects/settle"
      label={label}
      about={effect}
      fields={{ key: effect, arrived: String(arrived) }}
    />
  )
  return (
    <details>
      <summary>Settle</summary>
      <p>Ask the other side first: what did not arrive is sent again.</p>
      {press('It arrived', true)}
      {press('It did not arrive', false)}
    </details>
  )
}
