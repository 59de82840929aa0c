import type { LedgerPorts } from '../run/ledger.ts'
import type { EffectRow } from '../store/types.ts'
import type { Place } from './place.ts'

type LedgerStore = LedgerPorts['store']

/**
 * The ledger's rows in a collection: the same rules, without what a database gives. Two runs of a workflow at once see
 * each other's intents as those of a run that died: then nothing is sent twice, and something may be in doubt that is not.
 */
export function createLedgerStore(place: Place): LedgerStore & { over(key: string): Promise<void> } {
  const find = async (key: string) => toRow(await place.get(`ledger/${key}`))
  const under = async (prefix: string) =>
    (await place.list(`ledger/${prefix}`)).flatMap(({ value }) => toRow(value) ?? [])

  async function write(row: EffectRow): Promise<void> {
    await place.set(`ledger/${row.key}`, { ...row })
    const [, subject, n] = /^(.+)\/(\d+)$/.exec(row.key) ?? []
    if (subject !== undefined) await place.set(`last/${subject}`, { n: Number(n) })
  }

  return {
    find,
    async last(subject) {
      const found = await place.get(`last/${subject}`)
      const n = isObject(found) && typeof found.n === 'number' ? found.n : undefined
      const row = n === undefined ? undefined : await find(`${subject}/${n}`)
      return row === undefined || n === undefined ? undefined : { ...row, n }
    },
    async begin(_claim, row) {
      await write(row)
      return true
    },
    write,
    async done(keys) {
      const rows = await Promise.all(keys.map(find))
      return new Set(rows.flatMap((row) => (row?.state === 'done' ? [row.key] : [])))
    },
    begun: async (prefix) => (await under(prefix)).filter(({ state }) => state === 'intent'),
    async watched(prefix) {
      const rows = (await under(prefix)).filter(({ state }) => ['intent', 'done', 'in_doubt'].includes(state))
      const over = new Set((await place.list(`over/${prefix}`)).map(({ key }) => `${prefix}${key}`))
      return rows.filter(({ key }) => !over.has(key))
    },
    async settle(key, arrived, now) {
      const row = await find(key)
      if (row?.state !== 'in_doubt' && row?.state !== 'intent') return false
      await write({ ...row, state: arrived ? 'done' : 'not_reached', updated_at: now.toISOString() })
      return true
    },
    over: (key) => place.set(`over/${key}`, { over: true }),
  }
}

const states = ['intent', 'done', 'in_doubt', 'refused', 'not_reached'] as const

function toRow(value: unknown): EffectRow | undefined {
  if (!isObject(value) || typeof value.key !== 'string') return undefined
  const state = states.find((one) => one === value.state)
  if (state === undefined) return undefined
  return {
    key: value.key,
    state,
    fingerprint: textOrNull(value.fingerprint),
    detail: textOrNull(value.detail),
    updated_at: String(value.updated_at ?? ''),
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
