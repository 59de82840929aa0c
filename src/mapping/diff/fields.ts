import type { FieldRow } from '../types.ts'
import type { FieldsFile } from '../version.ts'
import type { Change, Difference } from './changes.ts'
import { differences } from './differences.ts'

/** Differences of a fields file. A row is known by its target. */
export function fieldChanges(part: string, before: FieldsFile, after: FieldsFile): Change[] {
  const old = new Map(before.fields.map((row) => [row.to, row]))
  const now = new Map(after.fields.map((row) => [row.to, row]))
  const rows = [...new Set([...now.keys(), ...old.keys()])].flatMap((to): Change[] => {
    const [was, is] = [old.get(to), now.get(to)]
    const what = differences(was, is, was !== undefined && is !== undefined ? ['to'] : [])
    if (what.length === 0) return []
    if (was === undefined && is !== undefined) return [{ part, row: to, kind: 'added', what, meaning: filled(is) }]
    if (is === undefined) {
      return [{ part, row: to, kind: 'removed', what, meaning: `${to} is not filled any more.` }]
    }
    return [{ part, row: to, kind: 'changed', what, meaning: meaning(is, what) }]
  })
  const head = differences(before, after, ['fields', '$schema'])
  const kept = (file: FieldsFile) => file.fields.map(({ to }) => to).filter((to) => old.has(to) && now.has(to))
  const moved =
    kept(before).join() === kept(after).join()
      ? []
      : [{ name: 'fields', before: 'in their order', after: 'in another order' }]
  const what = [...head, ...moved]
  const said = 'The same fields are filled; a message has its keys in the order of this table.'
  return what.length === 0 ? rows : [{ part, row: '', kind: 'changed', what, meaning: said }, ...rows]
}

/** `case.language is filled from languages.… by the rule tables (language).` */
function filled({ to, from, rule, table, value }: FieldRow): string {
  if (rule === 'constant') return `${to} is always ${JSON.stringify(value)}.`
  if (rule === 'setting') return `${to} is the setting ${String(value)}.`
  return `${to} is filled from ${from.join(', ')} by the rule ${rule}${table === undefined ? '' : ` (${table})`}.`
}

function meaning(row: FieldRow, what: readonly Difference[]): string {
  const changed = new Set(what.map(({ name }) => name))
  const has = (...names: readonly string[]) => names.some((name) => changed.has(name))
  const said: string[] = []
  if (has('from', 'rule', 'table', 'separator', 'value', 'cutoff')) said.push(filled(row))
  if (has('default')) {
    said.push(row.default === undefined ? 'Nothing stands in for an empty source.' : `Empty, it is "${row.default}".`)
  }
  if (has('required', 'requiredIf', 'requiredUnless')) said.push(requirement(row))
  if (has('policy')) {
    said.push(
      row.policy === 'fill' ? 'On an existing case it is filled where empty.' : 'An existing case keeps its own.',
    )
  }
  if (has('wanted'))
    said.push(row.wanted === true ? 'It is named along when another is missing.' : 'It is not asked for.')
  if (has('nullIfEmpty')) said.push(row.nullIfEmpty === true ? 'Empty, it is sent as null.' : 'Empty, it is left out.')
  if (has('notFuture')) said.push(row.notFuture === true ? 'A later day than today is invalid.' : 'Any day is taken.')
  return said.length === 0 ? 'Every referral is translated as before.' : said.join(' ')
}

function requirement({ to, required, requiredIf, requiredUnless }: FieldRow): string {
  if (required === true) return `A referral without ${to} does not pass any more.`
  if (requiredIf !== undefined) return `A referral without ${to} passes only where the setting ${requiredIf} is false.`
  if (requiredUnless !== undefined) return `A referral without ${to} passes only if it has ${requiredUnless}.`
  return `A referral without ${to} passes.`
}
