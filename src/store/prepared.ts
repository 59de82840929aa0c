import type { Compilable, CompiledQuery, QueryResult } from 'kysely'
import type { Db } from './tables.ts'

/** Stands for a value while a query is built. */
class Blank {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is built once and then run with other values each time. Kysely builds and compiles anew at every call,
 * which takes several times as long as SQLite needs to run the statement; on the way of every message that is most of
 * the work.
 *
 * `build` gets a blank for each value. It must hand each on as a value (`values`, `set`, `where`) and never look at it:
 * one text of SQL serves all values. States and limits are better written out (`sql.lit`): SQLite looks at them when it
 * chooses an index, and plans anew each time such a value is bound.
 */
export function prepared<Values extends object, Row>(
  build: (db: Db, values: Values) => Compilable<Row>,
): (db: Db, values: Values) => Promise<QueryResult<Row>> {
  // SQLite and PostgreSQL each have an adapter, which the transactions of one database share.
  const compiled = new WeakMap<object, CompiledQuery<Row>>()
  const compile = (db: Db): CompiledQuery<Row> => {
    const { adapter } = db.getExecutor()
    const known = compiled.get(adapter)
    if (known !== undefined) return known
    const query = build(db, blanks<Values>()).compile()
    compiled.set(adapter, query)
    return query
  }
  return (db, values) => {
    const query = compile(db)
    const parameters = query.parameters.map((value) =>
      value instanceof Blank ? Reflect.get(values, value.name) : value,
    )
    return db.executeQuery({ ...query, parameters })
  }
}

function blanks<Values extends object>(): Values {
  return new Proxy({}, { get: (_, name) => new Blank(String(name)) }) as Values
}
