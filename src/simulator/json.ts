/** JSON as the simulators hold it: what a case, a form or a message is made of. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** A plain object: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list that holds objects only, as every subform does; the empty list is one too. */
export function isRows(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isObject)
}

/** The elements that are text; anything that is no list gives none. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : []
}

/** The value when it is text, else undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Same content. Keys in another order count as a difference, as they do for no reader of ours. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
