import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playCases } from '../canaries/cases.ts'
import { playMessages, playOneThatWaits } from '../canaries/messages.ts'
import { type Search, searchFor } from '../canaries/search.ts'
import { type CanarySite, type Place, readWhatIsLeft, startCanarySite } from '../canaries/site.ts'
import { postgresPlace } from './place.ts'

let place: Awaited<ReturnType<typeof postgresPlace>>
let stage: CanarySite
let personal: Search
let waiting: string

beforeAll(async () => {
  place = await postgresPlace()
  stage = await startCanarySite({ env: { DATABASE_URL: place.databaseUrl } })
  await playMessages(stage)
  await playCases(stage)
  waiting = await playOneThatWaits(stage)
  stage.places.push(...(await allTables()))
  await stage.site.stop()
  readWhatIsLeft(stage)
  personal = searchFor(stage.planted.garden.canaries)
}, 300_000)
afterAll(async () => {
  await stage.close()
  await place.remove()
})

/** Every row of every table of the store and its dispatcher, as text and, where a column holds bytes, as these bytes. */
async function allTables(): Promise<readonly Place[]> {
  const tables = await place.rows(
    `select table_schema as schema, table_name as name from information_schema.tables
     where table_schema like '${place.schema}%' and table_type = 'BASE TABLE'`,
  )
  const found: Place[] = []
  for (const { schema, name } of tables) {
    const rows = await place.rows(`select * from "${schema}"."${name}"`)
    const bytes = rows.flatMap((row) => Object.values(row).filter((value) => value instanceof Uint8Array))
    found.push({ name: `table ${name}`, bytes: Buffer.concat([Buffer.from(JSON.stringify(rows)), ...bytes]) })
  }
  return found
}

describe('C7: the store on PostgreSQL', () => {
  test('no table of it holds a personal field of any fixture, in any form, after every workflow and every fault', () => {
    const leaks = stage.places.flatMap(({ name, bytes }) => personal(bytes).map((leak) => `${leak} in ${name}`))

    expect(leaks).toEqual([])
    expect(stage.faults.filter(({ struck }) => struck === 0).map(({ fault }) => fault.name)).toEqual([])
  })

  test('every table is really read, and what is put into one is caught', async () => {
    const found = (name: string) => Buffer.from(stage.places.find((one) => one.name === `table ${name}`)?.bytes ?? '')
    const [canary = ''] = Object.values(stage.planted.garden.canaries)

    for (const [table, mark] of [
      ['entries', waiting],
      ['payloads', waiting],
      ['ledger', 'dtp/referral/'],
      ['audit', 'effect'],
      ['schedule', 'tick send-decisions'],
    ] as const)
      expect(found(table).includes(mark), table).toBe(true)
    await place.rows(`update ${place.schema}.payloads set sealed = convert_to('${canary}', 'UTF8')`)
    expect((await allTables()).flatMap(({ name, bytes }) => personal(bytes).map(() => name))).toContain(
      'table payloads',
    )
  })
})
