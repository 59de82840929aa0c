import type { FieldRow } from '../types.ts'
import { htmlToText } from './html.ts'
import { logTexts } from './log.ts'
import { empty, invalid, type RuleContext, type RuleResult } from './result.ts'
import { clean, fieldOf, scalarOf, unreadable } from './source.ts'

/** Rules `copy` and `name`: the first source that is not empty. */
export function copy({ source, direction }: RuleContext, row: FieldRow): RuleResult {
  for (const name of row.from) {
    const value = scalarOf(fieldOf(source, name))
    if (value === undefined) continue
    if (value === unreadable) return invalid
    // Nothing that identifies a child or a referral is altered to please Primero's parser.
    if (direction === 'to-primero' && typeof value === 'string' && value.split('\n').some(isDateLike)) return invalid
    return { is: 'value', value }
  }
  return empty
}

/** Rule `join`: every source that is not empty, in order. */
export function join({ source, direction }: RuleContext, row: FieldRow): RuleResult {
  const values = row.from.map((name) => scalarOf(fieldOf(source, name))).filter((value) => value !== undefined)
  if (values.includes(unreadable)) return invalid
  return textResult(values.map(String).join(row.separator ?? ' '), direction)
}

/** Rule `text`: formatted text and logs as plain text, several sources apart by a blank line, none of them twice. */
export function text({ source, direction }: RuleContext, row: FieldRow): RuleResult {
  const parts = row.from.map((name) => plainText(fieldOf(source, name)))
  if (parts.includes(unreadable)) return invalid
  const texts = new Set(parts.filter((part) => typeof part === 'string' && part !== ''))
  return textResult([...texts].map(String).join('\n\n'), direction)
}

function plainText(value: unknown): string | typeof unreadable {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts: string[] = []
  for (const one of list) {
    const entry = typeof one === 'object' && one !== null && Object.hasOwn(one, 'Text') ? Reflect.get(one, 'Text') : one
    const scalar = scalarOf(entry)
    if (scalar === unreadable) return unreadable
    if (scalar !== undefined) texts.push(withoutLog(String(scalar)))
  }
  return [...new Set(texts)].filter((one) => one !== '').join('\n\n')
}

/** A log may come bare, or inside formatting. */
function withoutLog(value: string): string {
  const bare = logTexts(value)
  if (bare !== undefined) return bare.map((entry) => htmlToText(entry)).join('\n\n')
  const unwrapped = htmlToText(value)
  return (
    logTexts(unwrapped)
      ?.map((entry) => htmlToText(entry))
      .join('\n\n') ?? unwrapped
  )
}

function textResult(value: string, direction: RuleContext['direction']): RuleResult {
  const cleaned = clean(value)
  if (cleaned === '') return empty
  return { is: 'value', value: direction === 'to-primero' ? withoutDateLines(cleaned) : cleaned }
}

/**
 * Primero's JSON parser turns a text that looks like a date into a date, and then refuses it for not being text (422).
 * Ruby's `^` and `$` match at line breaks, so one such line inside a longer note is enough. A full stop behind it is.
 *
 * @source docs/systems.md §Primero/validation
 */
function withoutDateLines(value: string): string {
  return value
    .split('\n')
    .map((line) => (isDateLike(line) ? `${line}.` : line))
    .join('\n')
}

const dateLike = /^\d{4}-\d{1,2}-\d{1,2}([T \t]+\d{1,2}:\d{2}:\d{2}(\.\d*)?([ \t]*Z|[-+]\d{2}(:?\d{2})?)?)?$/

function isDateLike(line: string): boolean {
  return dateLike.test(line)
}
