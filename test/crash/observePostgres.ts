import pg from 'pg'
import type { Tell } from './observe.ts'
import { createStatements } from './observeStore.ts'

type Statements = ReturnType<typeof createStatements>

/**
 * As `observeStore`, for each connection: what is in its transaction, and when that commits. `after write` is told when the
 * statement is handed over.
 */
export function observePostgres(tell: Tell): void {
  const all = new WeakMap<pg.Client, Statements>()
  const { query } = pg.Client.prototype
  const observed = function (this: pg.Client, ...given: unknown[]): unknown {
    const run = () => Reflect.apply(query, this, given)
    const text = textOf(given[0])
    if (text === undefined) return run()
    const statements = all.get(this) ?? createStatements(tell)
    all.set(this, statements)
    if (/^(begin|start transaction)/.test(text)) statements.begin()
    if (text !== 'commit') return statements.around(text, parametersOf(given), run)
    const words = statements.commits()
    const committing: unknown = run()
    if (!(committing instanceof Promise)) return committing
    return committing.then((result: unknown) => {
      statements.committed(words)
      return result
    })
  }
  Object.assign(pg.Client.prototype, { query: observed })
}

function textOf(given: unknown): string | undefined {
  const text = typeof given === 'string' ? given : Object(given).text
  return typeof text === 'string' ? text : undefined
}

function parametersOf([first, second]: readonly unknown[]): readonly unknown[] {
  const values = Array.isArray(second) ? second : Object(first).values
  return Array.isArray(values) ? values : []
}
