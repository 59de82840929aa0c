import { sql } from 'kysely'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Engine } from './engine.ts'

/** Words that the two databases spell differently. */
interface Words {
  /** A number that rises with every row. */
  readonly sequence: string
  readonly bytes: string
  /** Compared byte by byte, whatever the database's language. */
  readonly text: string
}

const words: Readonly<Record<Engine['kind'], Words>> = {
  sqlite: { sequence: 'integer primary key autoincrement', bytes: 'blob', text: 'text' },
  postgres: {
    sequence: 'bigint generated always as identity primary key',
    bytes: 'bytea',
    text: 'text collate "C"',
  },
}

/** Version n of the tables is made by the n-th of these. Forward only: a released one is never edited. */
const migrations: readonly ((words: Words) => readonly string[])[] = [
  ({ sequence, bytes, text }) => [
    `create table keys (
      id ${text} primary key, kind ${text} not null, day ${text} unique, wrapped_by ${text} not null,
      wrapped ${bytes} not null, created_at ${text} not null)`,
    `create table entries (
      seq ${sequence}, id ${text} not null unique, workflow ${text} not null, kind ${text} not null,
      state ${text} not null, same_as ${text} unique, received_at ${text} not null, retry_since ${text} not null,
      due_at ${text}, lease_until ${text}, owner ${text}, attempt integer not null, fence integer not null,
      was_stuck integer not null, code ${text})`,
    `create index entries_due on entries (state, due_at, seq) where due_at is not null`,
    `create index entries_running on entries (lease_until) where state = 'running'`,
    `create index entries_by_state on entries (state, seq)`,
    `create index entries_unfinished_ticks on entries (workflow)
      where kind = 'tick' and state in ('waiting', 'running')`,
    `create table entry_locks (lock ${text} not null, seq bigint not null, primary key (lock, seq))`,
    `create index entry_locks_by_entry on entry_locks (seq)`,
    `create table payloads (
      entry_id ${text} primary key references entries (id), day_key ${text} not null references keys (id),
      wrapped_key ${bytes} not null, sealed ${bytes} not null)`,
    `create index payloads_by_day_key on payloads (day_key)`,
    `create table runs (
      seq ${sequence}, id ${text} not null unique, entry_id ${text} not null, workflow ${text} not null,
      state ${text} not null, started_at ${text}, finished_at ${text}, mapping_version ${text})`,
    `create index runs_by_entry on runs (entry_id, seq)`,
    `create index runs_by_workflow on runs (workflow, seq)`,
    `create table run_records (
      run_id ${text} not null, position integer not null, key ${text} not null, outcome ${text} not null,
      code ${text} not null, primary key (run_id, position))`,
    `create table records (
      workflow ${text} not null, key ${text} not null, outcome ${text} not null, code ${text} not null,
      ids ${text} not null, attempt integer not null, due_at ${text}, since ${text} not null,
      primary key (workflow, key))`,
    `create index records_due on records (due_at) where due_at is not null`,
    `create table ledger (
      key ${text} primary key, subject ${text}, n integer, state ${text} not null, fingerprint ${text},
      detail ${text}, updated_at ${text} not null)`,
    `create index ledger_by_subject on ledger (subject, n)`,
    `create index ledger_by_state on ledger (state, updated_at)`,
    `create index ledger_by_time on ledger (updated_at, key)`,
    `create table cursors (name ${text} primary key, value ${text} not null, updated_at ${text} not null)`,
    `create table activity (
      id ${sequence}, at ${text} not null, level ${text} not null, what ${text} not null, workflow ${text},
      entry ${text}, run ${text}, record ${text})`,
    `create index activity_by_level on activity (level, id)`,
    `create table stops (credential ${text} primary key, fingerprint ${text} not null, stopped_at ${text} not null)`,
  ],
  ({ text }) => [
    'drop table stops',
    `create table stops (
      account ${text} not null, fingerprint ${text} not null, stopped_at ${text} not null, refusals integer not null,
      lifted integer not null, primary key (account, fingerprint))`,
    `create table permits (
      name ${text} not null, owner ${text} not null, held integer not null, wanted integer not null,
      since ${text} not null, until ${text} not null, primary key (name, owner))`,
  ],
  ({ text }) => [
    `create table audit (
      n integer primary key, at ${text} not null, actor ${text} not null, act ${text} not null, object ${text},
      code ${text}, hash ${text} not null)`,
  ],
  ({ text }) => [
    `create table sessions (
      id ${text} primary key, user_name ${text} not null, credential ${text} not null, until ${text} not null)`,
  ],
  ({ text }) => [
    `alter table entries add column not_before ${text}`,
    `alter table records add column not_before ${text}`,
  ],
  ({ text }) => [
    `alter table ledger add column over_at ${text}`,
    `create table sent (
      n integer primary key, key ${text} not null, detail ${text}, at ${text} not null, head ${text} not null,
      found integer not null)`,
    `create index sent_found on sent (key) where found = 1`,
    `create table notices (
      id ${text} primary key, case_number ${text} not null, withdrawn_on ${text} not null, services ${text} not null,
      tell ${text} not null, opened_at ${text} not null, due_at ${text} not null, reminded_at ${text}, done_at ${text})`,
  ],
  ({ sequence, bytes, text }) => [
    `create table collection_items (
      seq ${sequence}, name ${text} not null, key_hash ${text} not null, sealed_key ${bytes} not null,
      sealed_value ${bytes} not null, created_at ${text} not null, updated_at ${text} not null,
      unique (name, key_hash))`,
  ],
]

/**
 * Brings the tables to this version, once, whatever number of processes start together.
 *
 * @throws STORE_DAMAGED when a newer version wrote the store
 */
export async function migrate(engine: Engine): Promise<void> {
  if (refuseNewer(await engine.version()) === migrations.length) return
  const spelled = words[engine.kind]
  await engine.write(async (db) => {
    await engine.serialize(db, 'migrations')
    await sql`create table if not exists meta (key text primary key, value text not null)`.execute(db)
    const row = await db.selectFrom('meta').select('value').where('key', '=', 'version').executeTakeFirst()
    // Asked again: a newer version may have been here since, and its number must not be taken back.
    const found = refuseNewer(Number(row?.value ?? 0))
    for (const migration of migrations.slice(found)) {
      for (const statement of migration(spelled)) await sql.raw(statement).execute(db)
    }
    const version = { key: 'version', value: String(migrations.length) }
    await db
      .insertInto('meta')
      .values(version)
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: version.value }))
      .execute()
  })
}

function refuseNewer(found: number): number {
  if (found <= migrations.length) return found
  throw new ExchangeError(`The store has version ${found}; this exchange knows versions up to ${migrations.length}.`, {
    code: 'STORE_DAMAGED',
    retry: 'never',
    hint: 'Start the newer exchange that wrote it, or restore the store from before the upgrade.',
  })
}
