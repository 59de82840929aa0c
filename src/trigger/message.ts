import { isUtf8 } from 'node:buffer'
import type { Refusal } from './refusals.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

export type Message =
  | { readonly text: string; readonly body: JsonValue; readonly refusal?: never }
  | { readonly refusal: Refusal }

/**
 * A body that was read whole, as text and value, or why it is refused.
 *
 * Stricter than `JSON.parse` where its leniency could make two readers see two messages: a key twice in one object, a
 * lone surrogate, a number that becomes Infinity. Keys that reach a prototype are refused, and so is NUL, which the
 * other system's database does not take.
 *
 * @param scannedKeys  keys that the scan counted; more than the value holds means that one was there twice
 */
export function readMessage(bytes: Buffer, scannedKeys: number): Message {
  if (!isUtf8(bytes)) return { refusal: 'not_utf8' }
  const text = bytes.toString('utf8')
  const body = parse(text)
  if (body === undefined) return { refusal: 'not_json' }
  if (body === null || typeof body !== 'object') return { refusal: 'not_object' }
  // The bytes are valid UTF-8, so only an escape can make NUL or half a surrogate pair.
  const found: Found = { keys: 0, mayHoldBadText: text.includes('\\u') }
  const refusal = inspect(body, found)
  if (refusal !== undefined) return { refusal }
  if (found.keys !== scannedKeys) return { refusal: 'duplicate_key' }
  return { text, body }
}

interface Found {
  keys: number
  readonly mayHoldBadText: boolean
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // V8's message quotes the text, so it goes nowhere.
    return undefined
  }
}

/** Recursion is bounded: the scan let no more than 100 levels pass. */
function inspect(value: JsonValue, found: Found): Refusal | undefined {
  if (typeof value === 'string') return found.mayHoldBadText && isBadText(value) ? 'bad_text' : undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'bad_number'
  if (value === null || typeof value !== 'object') return undefined
  return isList(value) ? inspectList(value, found) : inspectObject(value, found)
}

function inspectList(list: readonly JsonValue[], found: Found): Refusal | undefined {
  for (const item of list) {
    const refusal = inspect(item, found)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function inspectObject(object: { readonly [key: string]: JsonValue }, found: Found): Refusal | undefined {
  for (const key of Object.keys(object)) {
    found.keys++
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return 'forbidden_key'
    const refusal =
      (found.mayHoldBadText && isBadText(key) ? 'bad_text' : undefined) ?? inspect(object[key] ?? null, found)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function isBadText(text: string): boolean {
  return text.includes('\0') || /\p{Surrogate}/u.test(text)
}

export function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value)
}
