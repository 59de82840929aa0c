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
  const found = { keys: 0 }
  const refusal = inspect(body, found)
  if (refusal !== undefined) return { refusal }
  if (found.keys !== scannedKeys) return { refusal: 'duplicate_key' }
  return { text, body }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // V8's message quotes the text, so it goes nowhere.
    return undefined
  }
}

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Recursion is bounded: the scan let no more than 100 levels pass. */
function inspect(value: JsonValue, found: { keys: number }): Refusal | undefined {
  if (typeof value === 'string') return isPlainText(value) ? undefined : 'bad_text'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'bad_number'
  if (value === null || typeof value !== 'object') return undefined
  if (isList(value)) {
    for (const item of value) {
      const refusal = inspect(item, found)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
  for (const [key, item] of Object.entries(value)) {
    found.keys++
    if (forbiddenKeys.has(key)) return 'forbidden_key'
    if (!isPlainText(key)) return 'bad_text'
    const refusal = inspect(item, found)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function isPlainText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text) && !text.includes('\0')
}

export function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value)
}
