import { isObject, type Json, type JsonObject } from '../json.ts'
import { fieldOf } from './permit.ts'
import type { FieldSchema, Schema } from './schema.ts'
import type { Profile } from './types.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const date = /^\d{4}-\d{2}-\d{2}$/
const dateTime = /^\d{4}-\d{1,2}-\d{1,2}[T \t]+\d{1,2}:\d{2}:\d{2}(\.\d*)?(([ \t]*)Z|[-+]\d{2}?(:\d{2})?)?$/
const statuses = ['open', 'closed', 'transferred', 'identified', 'duplicate']

/**
 * JSON pointers of what has the wrong type; a pointer comes twice where Primero's schema has two alternatives.
 *
 * Text shaped like a date is no text to Primero: it is parsed to a date before it is looked at.
 *
 * @param data permitted keys only
 * @source docs/systems.md §Primero/validation
 */
export function invalidPointers(
  data: JsonObject,
  schema: Schema,
  profile: Profile,
  modules: readonly string[],
): readonly string[] {
  const wrong: string[] = []
  for (const [key, value] of Object.entries(data)) {
    const field = fieldOf(key, schema)
    if (key === 'id' && (typeof value !== 'string' || !uuid.test(value))) wrong.push('/id')
    else if (key === 'module_id' && !(typeof value === 'string' && modules.includes(value))) wrong.push('/module_id')
    else if (key === 'status' && profile === '2.15' && !statuses.includes(String(value))) wrong.push('/status')
    else if (field) wrong.push(...check(field, value, `/${key}`, profile))
  }
  return wrong
}

/** Full ISO time with seconds, as Primero stores it: UTC with milliseconds. Other text comes back as it is. */
export function normalTime(value: string): string {
  if (!dateTime.test(value)) return value
  const hasZone = /(Z|[-+]\d{2}(:?\d{2})?)$/.test(value)
  const at = new Date(hasZone ? value : `${value}Z`)
  return Number.isNaN(at.getTime()) ? value : at.toISOString()
}

function check(field: FieldSchema, value: Json, pointer: string, profile: Profile): readonly string[] {
  const bad = [pointer]
  switch (field.kind) {
    case 'text':
      return isText(value) ? [] : bad
    case 'number':
      return value === null || (Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31) ? [] : bad
    case 'tick':
      return typeof value === 'boolean' ? [] : bad
    case 'date':
      return value === null || (typeof value === 'string' && isDay(value)) ? [] : bad
    case 'date-time':
      return value === null || (typeof value === 'string' && dateTime.test(value)) ? [] : bad
    case 'select':
    case 'radio':
      return isChoice(field, value, profile) ? [] : [pointer, pointer]
    case 'subform':
      return checkRows(field, value, pointer, profile)
  }
}

function isText(value: Json): boolean {
  if (value === null) return true
  return typeof value === 'string' && !date.test(value) && !dateTime.test(value)
}

function isDay(value: string): boolean {
  const at = new Date(`${value}T00:00:00Z`)
  return date.test(value) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value)
}

function isChoice(field: FieldSchema, value: Json, profile: Profile): boolean {
  if (value === null) return true
  if (field.multi) {
    return Array.isArray(value) && value.every((code) => typeof code === 'string' && isOption(field, code, profile))
  }
  if (typeof value === 'boolean') {
    return field.kind === 'radio' && [...(field.options ?? [])].every((code) => code === 'true' || code === 'false')
  }
  return typeof value === 'string' && isOption(field, value, profile)
}

function isOption(field: FieldSchema, code: string, profile: Profile): boolean {
  return profile === '2.6' || field.options === undefined || field.options.has(code)
}

function checkRows(field: FieldSchema, value: Json, pointer: string, profile: Profile): readonly string[] {
  if (value === null) return []
  if (!Array.isArray(value)) return [pointer]
  return value.flatMap((row: Json, index) => {
    if (!isObject(row)) return [`${pointer}/${index}`]
    return Object.entries(row).flatMap(([key, inner]) => {
      const at = `${pointer}/${index}/${key}`
      if (key === 'unique_id') return typeof inner === 'string' && uuid.test(inner) ? [] : [at]
      const inside = field.row?.get(key)
      return inside ? check(inside, inner, at, profile) : []
    })
  })
}
