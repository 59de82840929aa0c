import { loadLibrary } from '../../src/store/sqlite/library.ts'
import type { Tell } from './observe.ts'

type Library = Awaited<ReturnType<typeof loadLibrary>>
type Database = InstanceType<Library['DatabaseSync']>

/** What a statement is for; the words of a transaction that commits are those of its statements. */
const purposes: readonly (readonly [RegExp, string | ((parameters: readonly unknown[]) => string)])[] = [
  [/^create table/, 'migrate'],
  [/^insert into "keys"/, 'key'],
  [/^insert into "entries"/, 'accept'],
  [/^update "entries" set "state" = \S+, "due_at" = \S+, "owner"/, 'claim'],
  [/^insert into "ledger"/, ([key, , , state]) => `${state === 'intent' ? 'intent' : 'outcome'} ${systemOf(key)}`],
  [/^insert into "cursors"/, 'cursor'],
  [/^update "runs" set "state" = \S+, "finished_at" = \S+, "mapping_version"/, 'end'],
]

/** `before write`, `after write` around the statement that stores a message, `before commit …`, `after commit …`. */
export function createStatements(tell: Tell) {
  const words = new Set<string>()
  return {
    begin: () => words.clear(),
    around<T>(text: string, parameters: readonly unknown[], run: () => T): T {
      const found = purposes.find(([pattern]) => pattern.test(text))?.[1]
      if (found !== undefined) words.add(typeof found === 'string' ? found : found(parameters))
      const isMessage = text.startsWith('insert into "payloads"')
      if (isMessage) tell('before write')
      const result = run()
      if (isMessage) tell('after write')
      return result
    },
    /** The words of the transaction that is about to commit; they are told again when it has. */
    commits(): readonly string[] {
      const all = [...words]
      for (const word of all) tell(`before commit ${word}`)
      return all
    },
    committed: (all: readonly string[]) => {
      for (const word of all) tell(`after commit ${word}`)
    },
    truncate(run: () => void): void {
      tell('before truncate')
      run()
      tell('after truncate')
    },
  }
}

/** Stands in for `node:sqlite`, on top of whichever library there is. */
export function observeStore(tell: Tell): void {
  const { getBuiltinModule } = process
  const library = loadLibrary()
  const observed = library.then(({ DatabaseSync }) => ({ DatabaseSync: observedClass(DatabaseSync, tell) }))
  observed.then((stand) => {
    process.getBuiltinModule = (id: string) => (id === 'node:sqlite' ? stand : getBuiltinModule?.(id)) as never
  })
}

function observedClass(DatabaseSync: Library['DatabaseSync'], tell: Tell): Library['DatabaseSync'] {
  return class implements Database {
    readonly #database: Database
    readonly #statements = createStatements(tell)
    constructor(path: string) {
      this.#database = new DatabaseSync(path)
    }
    exec(text: string): void {
      const run = () => this.#database.exec(text)
      if (text === 'begin immediate') this.#statements.begin()
      const words = text === 'commit' ? this.#statements.commits() : []
      if (text.includes('wal_checkpoint')) this.#statements.truncate(run)
      else run()
      this.#statements.committed(words)
    }
    prepare(text: string): ReturnType<Database['prepare']> {
      const statement = this.#database.prepare(text)
      return {
        all: (...parameters) => this.#statements.around(text, parameters, () => statement.all(...parameters)),
        run: (...parameters) => this.#statements.around(text, parameters, () => statement.run(...parameters)),
      }
    }
    close(): void {
      this.#database.close()
    }
  }
}

function systemOf(key: unknown): string {
  return String(key).split('/')[0] ?? ''
}
