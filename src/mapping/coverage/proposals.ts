import type { VersionContent } from '../diff/changes.ts'
import type { TableRow, ValueTable } from '../types.ts'
import { liveFields, optionsOf } from './fields.ts'
import type { Snapshot, SnapshotOption } from './snapshot.ts'

/** An option of a table that this Primero does not have, and the one that bears the same name there. */
export interface Proposal {
  readonly table: string
  /** What UNHCR calls it. */
  readonly progres: string
  /** Option id of the table. */
  readonly was: string
  /** Option id and label of this Primero; absent: none, or several, bear the name. */
  readonly option?: { readonly id: string; readonly label: string }
}

/**
 * For every option of the tables that a live Primero does not have: the option there with the same label, as a proposal.
 * Labels are compared without regard to case, spaces and punctuation. Nothing is changed: a person decides, because an option
 * may bear a familiar name and mean something else.
 */
export function proposals(content: VersionContent, snapshot: Snapshot, module: string): readonly Proposal[] {
  const live = liveFields(snapshot, module)
  const proposed = new Map<string, Proposal>()
  for (const { to, table: name } of content.toPrimero.fields) {
    const table = content.tables[name ?? '']
    const field = live.get(to)
    const options = field === undefined ? undefined : optionsOf(snapshot, field)
    if (table === undefined || options === undefined) continue
    const ids = new Set(options.map(({ id }) => id))
    for (const row of table.rows) {
      const key = JSON.stringify([table.name, row.primero])
      if (ids.has(row.primero) || proposed.has(key)) continue
      proposed.set(key, { table: table.name, progres: row.progres, was: row.primero, ...optionFor(row, options) })
    }
  }
  return [...proposed.values()]
}

/** The tables with those proposals taken that name an option. */
export function withProposals(content: VersionContent, taken: readonly Proposal[]): VersionContent {
  const tables = Object.entries(content.tables).map(([name, table]) => [name, changed(table, taken)] as const)
  return { ...content, tables: Object.fromEntries(tables) }
}

function optionFor({ label, progres }: TableRow, options: readonly SnapshotOption[]): Pick<Proposal, 'option'> {
  const wanted = new Set([label ?? progres, progres].map(bare))
  const found = options.filter((option) => option.disabled !== true && wanted.has(bare(labelOf(option))))
  const [only] = found
  return only === undefined || found.length > 1 ? {} : { option: { id: only.id, label: labelOf(only) } }
}

function labelOf({ id, display_text: text }: SnapshotOption): string {
  return text?.en ?? Object.values(text ?? {}).find((one) => typeof one === 'string') ?? id
}

function bare(label: string): string {
  return label
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

function changed(table: ValueTable, taken: readonly Proposal[]): ValueTable {
  const options = new Map(
    taken.flatMap(({ table: name, was, option }) => (name === table.name && option ? [[was, option] as const] : [])),
  )
  const unmapped = table.unmapped['to-primero']
  const used = typeof unmapped === 'object' ? options.get(unmapped.use) : undefined
  return {
    ...table,
    unmapped: used === undefined ? table.unmapped : { ...table.unmapped, 'to-primero': { use: used.id } },
    rows: table.rows.map((row) => {
      const option = options.get(row.primero)
      return option === undefined ? row : { ...row, primero: option.id, label: option.label }
    }),
  }
}
