import type { FieldRow, TableRow } from '../types.ts'

/** A column of a table of rows: its heading, the key it stands for, and how the value is written in a cell and read from it. */
export interface Column {
  readonly heading: string
  readonly key: string
  readonly width: number
  readonly kind: keyof typeof kinds
}

/** How a value is written in a cell and read back; only a cell that is not empty is read. */
interface Kind {
  write(value: unknown): string
  read(text: string): unknown
}

/** What a cell gives that cannot be read: what it takes. */
export class Unreadable {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

const kinds = {
  text: { write: (value) => String(value), read: (text) => text },
  word: { write: (value) => String(value), read: (text) => text.trim() },
  list: {
    write: (value) => (Array.isArray(value) ? value.map(String).join('\n') : ''),
    read: (text) =>
      text
        .split(/[\n,;]+/)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
  },
  yesNo: {
    write: (value) => (value === true ? 'yes' : 'no'),
    read(text) {
      const word = text.trim().toLowerCase()
      if (['yes', 'oui', 'true', 'x'].includes(word)) return true
      return ['no', 'non', 'false'].includes(word) ? false : new Unreadable('must be yes or no, or empty.')
    },
  },
  // A blank as separator would be lost on people and on tools.
  quoted: {
    write: (value) => `"${String(value)}"`,
    read: (text) => (/^".*"$/s.test(text) ? text.slice(1, -1) : text),
  },
  scalar: {
    write: (value) =>
      typeof value === 'string' && value !== '' && !/^(".*"|true|false|-?\d.*)$/s.test(value)
        ? value
        : JSON.stringify(value),
    read(text) {
      if (!/^(".*"|true|false|-?\d.*)$/s.test(text)) return text
      try {
        const value: unknown = JSON.parse(text)
        return typeof value === 'object' ? text : value
      } catch {
        return text
      }
    },
  },
} as const satisfies Record<string, Kind>

export function writeCell({ kind }: Column, value: unknown): string {
  return value === undefined ? '' : kinds[kind].write(value)
}

export function readCell({ kind }: Column, text: string): unknown {
  return text === '' || (kind !== 'text' && text.trim() === '') ? undefined : kinds[kind].read(text)
}

type Key<T> = readonly (Column & { readonly key: keyof T & string })[]

export const tableColumns: Key<TableRow> = [
  { heading: 'proGres code or name', key: 'progres', width: 32, kind: 'text' },
  { heading: 'Primero option id', key: 'primero', width: 32, kind: 'text' },
  { heading: 'Primero label', key: 'label', width: 28, kind: 'text' },
  { heading: 'relationship', key: 'relationship', width: 32, kind: 'word' },
  { heading: 'directions', key: 'directions', width: 22, kind: 'list' },
  { heading: 'note', key: 'note', width: 60, kind: 'text' },
]

export const noMapColumns: readonly Column[] = [
  { heading: 'code without counterpart', key: 'code', width: 32, kind: 'text' },
  { heading: 'direction', key: 'direction', width: 32, kind: 'word' },
  { heading: 'reason', key: 'note', width: 28, kind: 'text' },
]

export const fieldColumns: Key<FieldRow> = [
  { heading: 'target field', key: 'to', width: 36, kind: 'word' },
  { heading: 'source fields', key: 'from', width: 44, kind: 'list' },
  { heading: 'rule', key: 'rule', width: 12, kind: 'word' },
  { heading: 'table', key: 'table', width: 16, kind: 'word' },
  { heading: 'in inter-agency form', key: 'interAgencyForm', width: 12, kind: 'yesNo' },
  { heading: 'may be localised', key: 'localisable', width: 12, kind: 'yesNo' },
  { heading: 'required', key: 'required', width: 10, kind: 'yesNo' },
  { heading: 'required if setting', key: 'requiredIf', width: 20, kind: 'word' },
  { heading: 'required unless', key: 'requiredUnless', width: 18, kind: 'word' },
  { heading: 'wanted', key: 'wanted', width: 10, kind: 'yesNo' },
  { heading: 'existing case', key: 'policy', width: 12, kind: 'word' },
  { heading: 'value', key: 'value', width: 24, kind: 'scalar' },
  { heading: 'if empty', key: 'default', width: 18, kind: 'text' },
  { heading: 'separator', key: 'separator', width: 10, kind: 'quoted' },
  { heading: 'sent as null if empty', key: 'nullIfEmpty', width: 12, kind: 'yesNo' },
  { heading: 'birth date cut-off', key: 'cutoff', width: 12, kind: 'yesNo' },
  { heading: 'not in the future', key: 'notFuture', width: 12, kind: 'yesNo' },
  { heading: 'note', key: 'note', width: 60, kind: 'text' },
]

export const sentenceColumns: readonly Column[] = [
  { heading: 'code', key: 'code', width: 28, kind: 'word' },
  { heading: 'en', key: 'en', width: 80, kind: 'text' },
  { heading: 'fr', key: 'fr', width: 80, kind: 'text' },
]
