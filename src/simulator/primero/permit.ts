import { isObject, type Json, type JsonObject } from '../json.ts'
import type { FieldNames } from './role.ts'
import type { FieldSchema, Schema } from './schema.ts'
import type { Draft, Profile } from './types.ts'

/** Never on a form, written by name. What a caller may not change after creation is left out by `permit`. */
const core: Schema = new Map(
  (
    [
      ['id', 'text'],
      ['case_id', 'text'],
      ['status', 'text'],
      ['owned_by', 'text'],
      ['module_id', 'text'],
      ['record_state', 'tick'],
      ['case_status_reopened', 'tick'],
      ['created_at', 'date-time'],
    ] as const
  ).map(([name, kind]) => [name, { name, kind, multi: false }]),
)

/** Stripped from every PATCH since 2.14; before, only `id` was. */
const identifiers = ['id', 'case_id', 'case_id_display', 'short_id', 'unique_identifier', 'unique_id', 'created_by']

export interface Asked {
  readonly profile: Profile
  readonly schema: Schema
  readonly writable: FieldNames
  readonly action: 'create' | 'update'
  /** Form fields are writable only on a record whose module the site has. */
  readonly hasModule: boolean
}

export interface Permitted {
  readonly data: JsonObject
  /** JSON pointers of keys that are not allowed: 2.6 refuses them, 2.15 has dropped them without a word. */
  readonly unknown: readonly string[]
}

/**
 * What is left of a body after Primero's strong parameters.
 *
 * 2.15 drops without a word: unknown keys, keys the role may not write, form fields of a record without module, a list for a
 * scalar, a scalar for a list, null for a list. 2.6 drops nothing but a PATCH's `id`.
 *
 * @source docs/systems.md §Primero/validation
 */
export function permit(body: JsonObject, asked: Asked): Permitted {
  const data: Draft = {}
  const unknown: string[] = []
  for (const [key, value] of Object.entries(body)) {
    if (asked.action === 'update' && isReadOnly(key, asked.profile)) continue
    const field = core.get(key) ?? (mayWrite(key, asked) ? asked.schema.get(key) : undefined)
    if (!field) unknown.push(`/${key}`)
    else if (asked.profile === '2.6') data[key] = keepRows(field, value, `/${key}`, unknown)
    else if (hasShape(field, value)) data[key] = dropInRows(field, value)
  }
  return { data, unknown }
}

/** The schema of a key that may be written: of the forms, else of the core. */
export function fieldOf(key: string, schema: Schema): FieldSchema | undefined {
  return schema.get(key) ?? core.get(key)
}

function isReadOnly(key: string, profile: Profile): boolean {
  return profile === '2.6' ? key === 'id' : identifiers.includes(key)
}

function mayWrite(key: string, asked: Asked): boolean {
  if (asked.profile === '2.15' && !asked.hasModule) return false
  return asked.writable === 'all' || asked.writable.includes(key)
}

function hasShape(field: FieldSchema, value: Json): boolean {
  const isList = field.multi || field.kind === 'subform'
  return isList ? Array.isArray(value) : !Array.isArray(value) && !isObject(value)
}

function dropInRows(field: FieldSchema, value: Json): Json {
  const { row } = field
  if (!row || !Array.isArray(value)) return value
  return value.filter(isObject).map((sent) =>
    Object.fromEntries(
      Object.entries(sent).filter(([key, inner]) => {
        const inside = row.get(key)
        return isRowKey(key) || (inside !== undefined && hasShape(inside, inner))
      }),
    ),
  )
}

function keepRows(field: FieldSchema, value: Json, pointer: string, unknown: string[]): Json {
  const { row } = field
  if (row && Array.isArray(value)) {
    for (const [index, sent] of value.entries()) {
      if (!isObject(sent)) continue
      for (const key of Object.keys(sent))
        if (!isRowKey(key) && !row.has(key)) unknown.push(`${pointer}/${index}/${key}`)
    }
  }
  return value
}

function isRowKey(key: string): boolean {
  return key === 'unique_id' || key === '_destroy'
}
