import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addresses } from '../canaries/arrivals.ts'
import { bugs, jobWithBugs } from '../canaries/bugs.ts'
import { formsOf } from '../canaries/forms.ts'
import { searchFor } from '../canaries/search.ts'
import { type CanarySite, readProcess, readWhatIsLeft, secretsOf, startCanarySite } from '../canaries/site.ts'
import { newDataKey } from './site.ts'
import { until } from './until.ts'

let stage: CanarySite
/** Exit code or signal of the process, by bug. */
const endings: Record<string, unknown> = {}
const said: Record<string, string> = {}
const secrets: Record<string, string> = {}

beforeAll(async () => {
  stage = await startCanarySite({ files: { 'jobs/receive-referrals.ts': jobWithBugs } })
  const { site, folder, places } = stage
  for (const bug of bugs.survived) await site.settled(await postBug(bug), 'stuck')
  await site.stop()

  const other = newDataKey('other')
  Object.assign(secrets, secretsOf(site), { other: other.slice('other:'.length) })
  const garbled = Object.values(secrets).join('\n')
  for (const keys of [other, garbled]) {
    const refused = await site.start({ DATA_KEYS: keys }).catch((error: unknown) => String(error))
    places.push({
      name: `a start with ${keys === other ? 'another data key' : 'what is none'}`,
      bytes: String(refused),
    })
  }

  for (const bug of bugs.fatal) {
    const heap = bug === 'fillsTheHeap' ? ' --max-old-space-size=150' : ''
    const options = String(site.env.NODE_OPTIONS).replace(/ --max.*/, '')
    await site.start({ DATA_KEYS: newDataKey(), DATA_DIR: join(folder, bug), NODE_OPTIONS: options + heap })
    await postBug(bug)
    const { process } = site.exchange
    await until('the process to end', () => process.exitCode ?? process.signalCode ?? undefined)
    endings[bug] = process.exitCode ?? process.signalCode
    said[bug] = site.exchange.log()
  }
  readWhatIsLeft(stage)
}, 240_000)
afterAll(() => stage.close())

async function postBug(bug: string): Promise<string> {
  const message = stage.planted.progres['referral-v7-production-like.json'] as object
  return stage.site.post({ ...message, bug })
}

describe('C7: a bug that names the child in its error', () => {
  test('is told by class and place alone; nothing of the record is in log, output, store, temporary files or reports', () => {
    const search = searchFor(stage.planted.garden.canaries)
    const leaks = stage.places.flatMap(({ name, bytes }) => search(bytes).map((leak) => `${leak} in ${name}`))

    expect(leaks).toEqual([])
    expect(stage.site.log().match(/"fact":"step failed"/g)?.length).toBeGreaterThanOrEqual(bugs.survived.length)
  })

  test('ends the process where nobody catches it, with one line and without a report, in which Node would quote it', () => {
    expect(endings).toEqual({ forgets: 1, throwsLater: 1, throwsTextLater: 1, fillsTheHeap: 'SIGABRT' })
    expect(said.forgets).toMatch(/exchange: an unforeseen TypeError in receive-referrals\.ts:\d+:\d+\.\n/)
    expect(said.throwsTextLater).toContain('exchange: an unforeseen string.\n')
    expect(stage.places.filter(({ name }) => /reports|report\.|\.json$/.test(name) && name.startsWith('left'))).toEqual(
      [],
    )
  })

  test('a start that is refused quotes no secret', () => {
    const search = searchFor(secrets)

    for (const { name, bytes } of stage.places.filter(({ name }) => name.startsWith('a start'))) {
      expect(String(bytes)).toContain('DATA_KEYS')
      expect(search(bytes), name).toEqual([])
    }
  })
})

test('positive control: a job that leaks one canary in every form is caught in every place that it can reach', async () => {
  const control = await startCanarySite({ files: { 'jobs/receive-referrals.ts': jobWithBugs } })
  const canaries = control.planted.garden.canaries
  const canary = String(canaries['referral-batch.json progres_givenname'])
  const phone = String(canaries['user cw1 phone'])
  const forms = formsOf(canary).map(({ bytes }) => Buffer.concat([bytes, Buffer.from('\n')]))
  writeFileSync(join(control.project, 'forms.bin'), Buffer.concat(forms))
  writeFileSync(join(control.project, 'title.txt'), phone)
  writeFileSync(join(control.project, 'address.txt'), encodeURIComponent(phone))

  await control.site.deliver({ bug: 'leaks', interventions: [], request_type: 'PrimeroOutgoingReferral' })
  readProcess(control)
  await control.site.stop()
  readWhatIsLeft(control)
  const search = searchFor(canaries)
  const found = new Map(control.places.map(({ name, bytes }) => [name, search(bytes)]))
  const asked = addresses(control).flatMap(({ text }) => search(text))
  await control.close()

  const leaked = formsOf(canary).map(({ name }) => `referral-batch.json progres_givenname as ${name}`)
  for (const place of ['left: tmp/leak', 'left: data/leak', 'project: leak'])
    expect(new Set(found.get(place)), place).toEqual(new Set(leaked))
  // Read as text, in which bytes that are none are lost.
  const asText = leaked.filter((leak) => !leak.endsWith(', bytes'))
  for (const place of ['standard output', 'standard error'])
    expect(new Set(found.get(place)), place).toEqual(new Set(asText))
  expect(found.get('/proc/PID/cmdline')).toContain('user cw1 phone as UTF-8')
  expect(asked).toContain('user cw1 phone as URL-encoded')
})
