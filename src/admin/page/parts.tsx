/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { codes } from '../../errors/codes.ts'
import { may, type Role } from '../users/roles.ts'
import type { Visit } from './visit.ts'

/** To the second, in UTC, as the log has it. */
export function Time({ at }: { readonly at: string | null }) {
  if (at === null) return <span class="none">–</span>
  return <time datetime={at}>{at.slice(0, 19).replace('T', ' ')}</time>
}

/** A state or outcome: the word is what tells, the colour only helps. */
export function State({ is }: { readonly is: string }) {
  return <span class={`state ${/^[a-z_]+$/.test(is) ? is : ''}`}>{is}</span>
}

/** A code with what it means and who acts next. */
export function Code({ code }: { readonly code: string | null }) {
  if (code === null) return <span class="none">–</span>
  const known = Object.entries(codes).find(([name]) => name === code)?.[1]
  return (
    <>
      <code>{code}</code>
      {known !== undefined && (
        <small>
          {known.means}
          {known.who === 'nobody' ? '' : ` Next: ${known.who}.`}
        </small>
      )}
    </>
  )
}

interface TableProps {
  readonly of: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Child[])[]
}

/** On a narrow screen each row becomes a block, and each cell has its column's name before it. */
export function Table({ of, columns, rows }: TableProps) {
  if (rows.length === 0) return <p>No {of}.</p>
  return (
    <table aria-label={of}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col">{column}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr>
            {cells.map((cell, at) => (
              <td data-column={columns[at]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface FilterProps {
  readonly path: string
  readonly name: string
  readonly values: readonly string[]
  readonly chosen: string | undefined
}

export function Filter({ path, name, values, chosen }: FilterProps) {
  return (
    <nav aria-label={`Filter by ${name}`} class="filter">
      <a href={path} aria-current={chosen === undefined ? 'true' : undefined}>
        all
      </a>
      {values.map((value) => (
        <a href={`${path}?${name}=${value}`} aria-current={value === chosen ? 'true' : undefined}>
          {value}
        </a>
      ))}
    </nav>
  )
}

/** To the rows before these; nothing when there are none. */
export function Older({ path, query }: { readonly path: string; readonly query: Readonly<Record<string, string>> }) {
  return (
    <p>
      <a href={`${path}?${new URLSearchParams(query)}`}>Older</a>
    </p>
  )
}

interface PressProps {
  readonly visit: Visit
  /** The least role that may. Others do not see it, and are refused if they ask all the same. */
  readonly needs: Role
  readonly action: string
  readonly label: string
  /** What else the form says. */
  readonly fields?: Readonly<Record<string, string>>
  /** Whose button it is, for those who hear the page. */
  readonly about?: string
}

export function Press({ visit, needs, action, label, fields = {}, about }: PressProps) {
  if (visit.csrf === undefined || !may(visit.person.role, needs)) return null
  return (
    <form method="post" action={action}>
      <input type="hidden" name="csrf" value={visit.csrf} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" aria-label={about === undefined ? undefined : `${label}: ${about}`}>
        {label}
      </button>
    </form>
  )
}
