import { randomUUID } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { ForgottenEffect, SentRow, Store, Witness } from './types.ts'

interface Options {
  readonly store: Pick<Store, 'sent' | 'activity'>
  /** Of the file; its folder must exist. */
  readonly path: string
  readonly now: () => Date
}

/**
 * The witness: a file beside the store that repeats, line by line, which effects were begun that must never be made twice.
 * Each line carries number and seal of the store's own list, so a store that is older than its witness (a backup that was
 * restored) is noticed, and what it forgot is known by key: it comes back as in doubt, and nothing of the kind is begun
 * before a person has settled all of it.
 *
 * Any number of processes may share the file, and on several machines each has a whole copy. What it cannot notice: that
 * store and witness were restored together, and an effect begun by another machine in the moment before the restore.
 *
 * @throws CONFIGURATION when the file cannot be read or written
 */
export async function openWitness({ store, path, now }: Options): Promise<Witness> {
  let turn: Promise<void> = Promise.resolve()
  const witness: Witness = {
    keep: () => {
      turn = turn.catch(() => undefined).then(() => keep({ store, path, now }))
      return turn
    },
    unsettled: () => store.sent.unsettled(),
  }
  await witness.keep().catch((error: unknown) => {
    throw isFileError(error) ? unusable(path, error.code) : error
  })
  return witness
}

async function keep(options: Options): Promise<void> {
  const { store, path } = options
  const end = (await readEnd(path)) ?? (await readText(path))
  const last = linesOf(end).at(-1)
  const rows = await store.sent.since(last?.n ?? 0)
  if (last !== undefined && rows[0]?.head !== last.head) return recover(options, linesOf(await readText(path)))
  const missing = rows.slice(last === undefined ? 0 : 1)
  if (missing.length > 0 || end === undefined) await append(path, missing, end !== '' && end?.endsWith('\n') === false)
}

/** The store is not the one that the last line speaks of: it lacks what came after the last line that it still has. */
async function recover({ store, path, now }: Options, lines: readonly SentRow[]): Promise<void> {
  const own = await store.sent.since(0)
  const heads = new Map(own.map(({ n, head }) => [n, head]))
  const common = lines.findLast(({ n, head }) => heads.get(n) === head)?.n ?? 0
  const known = new Set(own.filter(({ n }) => n > common).map(({ key }) => key))
  const forgotten = new Map<string, ForgottenEffect>()
  for (const { n, key, detail } of lines) if (n > common && !known.has(key)) forgotten.set(key, { key, detail })

  const at = now()
  await store.sent.remember([...forgotten.values()], at)
  for (const key of forgotten.keys()) {
    const nowhere = { workflow: null, entry: null, run: null }
    await store.activity.add({ ...nowhere, at: at.toISOString(), level: 'alert', what: 'STORE_RESTORED', record: key })
  }
  await replace(path, await store.sent.since(0))
}

/** A line that was cut off, or is none, is left out: the store has what it told of, or another line has. */
function linesOf(text: string | undefined): readonly SentRow[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const found = /^(\d{1,15}) ([0-9a-f]{64}) (\S+) (\S+) (\S+)$/.exec(line)
    if (found === null) return []
    const [, n = '', head = '', at = '', detail = '', key = ''] = found
    return [{ n: Number(n), head, at, detail: detail === '-' ? null : detail, key }]
  })
}

function lineOf({ n, head, at, detail, key }: SentRow): string {
  return `${n} ${head} ${at} ${detail ?? '-'} ${key}\n`
}

/** On disk when it resolves: the effect begins only then. */
async function append(path: string, rows: readonly SentRow[], wasCutOff: boolean): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(`${wasCutOff ? '\n' : ''}${rows.map(lineOf).join('')}`)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function replace(path: string, rows: readonly SentRow[]): Promise<void> {
  const fresh = `${path}.${randomUUID()}`
  const file = await open(fresh, 'wx', 0o600)
  try {
    await file.writeFile(rows.map(lineOf).join(''))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

/** Far more than one line. */
const endBytes = 4096

/** The end of the file, when a line is in it; the file only grows, and is read before every effect. */
async function readEnd(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(absent)
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - endBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(endBytes), 0, endBytes, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    // The first of these lines has lost its beginning, which may leave another number.
    const whole = from === 0 ? text : text.slice(text.indexOf('\n') + 1)
    return linesOf(whole).length > 0 ? whole : undefined
  } finally {
    await file.close()
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(absent)
}

function absent(error: unknown): undefined {
  if (isFileError(error) && error.code === 'ENOENT') return undefined
  throw error
}

function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

function unusable(path: string, reason: string): ExchangeError {
  return new ExchangeError(`the witness ${path} cannot be read or written: ${reason}.`, {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'WITNESS_PATH names a file in a folder that this process may write, outside DATA_DIR and its backups.',
  })
}
