/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Store } from '../../store/types.ts'
import { page } from './layout.tsx'
import { Older, Table, Time } from './parts.tsx'
import type { Visit } from './visit.ts'

const perPage = 100

export async function auditPage(visit: Visit, { audit }: Pick<Store, 'audit'>, before: string | undefined) {
  const from = Number(before)
  const rows = await audit.list({ limit: perPage, ...(Number.isSafeInteger(from) && from > 0 ? { before: from } : {}) })
  const last = rows.at(-1)?.n ?? 1
  return page({
    title: 'Audit',
    visit,
    children: (
      <>
        <p>
          Only ever added to, each entry sealed together with the one before. It is checked by{' '}
          <code>exchange audit verify</code>.
        </p>
        <Table
          of="entries"
          columns={['Number', 'When', 'Who', 'Act', 'Of what', 'Code']}
          rows={rows.map(({ n, at, actor, act, object, code }) => [
            n,
            <Time at={at} />,
            actor,
            act,
            object ?? '–',
            code ?? '–',
          ])}
        />
        {last > 1 && <Older path="/audit" query={{ before: String(last) }} />}
      </>
    ),
  })
}
