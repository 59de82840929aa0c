import { type Fact, type FieldName, fieldNames } from './facts.ts'

export type Fields = Readonly<Partial<Record<FieldName, string | number | boolean | undefined>>>

export const levels = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof levels)[number]

/** The one gate to standard error: named facts with listed fields; anything else is dropped. */
export interface Log {
  debug(fact: Fact, fields?: Fields): void
  info(fact: Fact, fields?: Fields): void
  warn(fact: Fact, fields?: Fields): void
  error(fact: Fact, fields?: Fields): void
}

interface LogOptions {
  readonly level: Level
  /** Receives one line, newline included. */
  readonly write: (line: string) => void
  readonly now?: () => Date
}

/** Ids and codes are short and on one line; whatever is longer or has a line break is no id and is dropped. */
const longestValue = 160

/**
 * One JSON line a fact: `{"time","level","fact", …fields}`.
 *
 * Safe by construction: a field name that is not in `facts.ts` is dropped, and so is a text longer than 160 characters
 * or with a control character. It takes no objects, so no payload can be handed to it.
 */
export function createLog({ level, write, now = () => new Date() }: LogOptions): Log {
  const at =
    (lineLevel: Level) =>
    (fact: Fact, fields: Fields = {}) => {
      if (levels.indexOf(lineLevel) < levels.indexOf(level)) return
      write(`${JSON.stringify({ time: now().toISOString(), level: lineLevel, fact, ...listed(fields) })}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function listed(fields: Fields): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {}
  for (const name of fieldNames) {
    const value = fields[name]
    if (value === undefined || (typeof value === 'string' && !isShortLine(value))) continue
    kept[name] = value
  }
  return kept
}

function isShortLine(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
  return text.length <= longestValue && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
}
