import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { Row } from './rows.ts'

export type Filters = Readonly<Record<string, string | boolean | readonly string[]>>

/**
 * Refuses filters that Primero would drop or read otherwise: no value, ranges, lists within a value, quotes.
 *
 * @throws TypeError: filters come from code and settings, never from a message
 * @source docs/systems.md §Primero/filters
 */
export function assertFilters(filters: Filters): void {
  for (const [field, value] of Object.entries(filters)) {
    const texts = typeof value === 'object' ? value : [value]
    const unsafe = texts.some((text) => typeof text === 'string' && (text === '' || /["\\,]|\.\./.test(text)))
    if (!/^[a-z][a-z0-9_]*$/i.test(field) || texts.length === 0 || unsafe) {
      throw new TypeError(`Primero cannot filter by this value of "${field}".`)
    }
  }
}

/**
 * Holds each row against the filters it was asked with.
 *
 * @throws FILTER_IGNORED (never): a misspelt field, or one whose form is not in the account's role, is ignored with a 200
 *         and the whole caseload. A field that does not come back counts as ignored too.
 * @source docs/systems.md §Primero/filters
 */
export function verifyFilters(rows: readonly Row[], filters: Filters): void {
  for (const [field, wanted] of Object.entries(filters)) {
    const accepted = (typeof wanted === 'object' ? wanted : [wanted]).map(String)
    for (const row of rows) {
      // `enabled` is how rows call record_state.
      const value = row[field] ?? (field === 'record_state' ? row.enabled : undefined)
      const values = (Array.isArray(value) ? value : [value]).map(String)
      if (!values.some((item) => accepted.includes(item))) throw filterIgnored(field)
    }
  }
}

export function filterIgnored(field: string): ExchangeError {
  return new ExchangeError(`Primero ignored the filter on ${field} and answered with other cases.`, {
    code: 'FILTER_IGNORED',
    retry: 'never',
    fields: [field],
    hint: `Assign a form that holds ${field} to the role of the account; nothing of the answer was used.`,
  })
}
