import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import { exchange } from '../cli/exchange.ts'
import { type Child, newChild, referrals } from './messages.ts'
import { projectWith } from './project.ts'
import { newDataKey, startSite } from './site.ts'
import { casesOf, referredChild, sent, told } from './systems.ts'
import { until } from './until.ts'

const site = await startSite()
await site.run('send-referrals')
await site.run('send-decisions')
afterAll(() => site.close())

const folder = mkdtempSync(join(tmpdir(), 'exchange-commands-'))
const file = (name: string, content: unknown) => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  exchange(['run', ...args], { env: { ...site.env, LOG_LEVEL: 'error', ...env } })
const input = (child: Child, message: unknown = child.message()) => [
  'dtp-inbox',
  '--input',
  file(child.number, message),
]

describe('exchange run beside a running start', () => {
  test('0: everything was delivered; the message is the same entry in the inbox', async () => {
    const child = newChild()

    const [first, json] = [await run(input(child)), await run([...input(child), '--json'])]

    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toContain(`delivered  ${child.number}  DELIVERED`)
    expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
    expect(told(site.dtp, child.number)).toHaveLength(1)
    expect(json.code).toBe(0)
    const printed = JSON.parse(json.out)
    expect(printed).toMatchObject({ workflow: 'dtp-inbox', repeated: true, state: 'done' })
    expect(await site.post(child.message())).toBe(printed.entry)
  })

  test('2: something was refused, or waits; --once leaves it waiting, --wait goes on until it does not', async () => {
    const [bad, waits, goesOn] = [newChild(), newChild(), newChild()]
    const down = (child: Child, times: number) =>
      site.primero.faults.add({
        match: ({ query }) => query.get('unhcr_individual_no') === child.individualNo,
        times,
        what: { kind: 'answer', status: 503, ...(times > 2 ? { headers: { 'retry-after': '600' } } : {}) },
      })
    down(waits, 10)
    down(goesOn, 2)

    const [refused, once, wait, behind] = await Promise.all([
      run(input(bad, bad.message({ 'individuals.progres_givenname': '' }))),
      run(input(waits)),
      run([...input(goesOn, referrals(goesOn.row(), newChild().row())), '--wait']),
      until('the first', () =>
        site.primero.requests.some(({ query }) => query.get('unhcr_individual_no') === waits.individualNo)
          ? true
          : undefined,
      ).then(() => run(['dtp-inbox', '--input', file('behind', waits.message({ 'user.title': 'Other' }))])),
    ])

    expect(refused.code).toBe(2)
    expect(refused.out).toContain(`refused    ${bad.number}  FIELDS_MISSING`)
    expect(once.code).toBe(2)
    expect(once.out).toContain(`waiting    ${waits.number}  REMOTE_DOWN`)
    expect(wait).toMatchObject({ code: 0 })
    expect(wait.out).toMatch(/done, 2 records/)
    expect(wait.out).toContain(`delivered  ${goesOn.number}  DELIVERED`)
    // What happened to one child is told in order: a later message does not overtake, and the command does not hang.
    expect(behind.code).toBe(2)
    expect(behind.out).toContain('waiting, 0 records')
  })

  test('2: a referral in doubt; and a run that could not go on', async () => {
    const { referral } = referredChild(site.primero, site.settings.unhcr_user)
    site.dtp.faults.add({ what: { kind: 'answer', status: 500 } })

    const inDoubt = await run(['send-referrals'])
    site.primero.faults.add({ match: { path: '/cases' }, what: { kind: 'answer', status: 403 } })
    const failed = await run(['send-decisions'])

    expect(inDoubt.code).toBe(2)
    expect(inDoubt.out).toContain(`in_doubt   ${referral.id}  IN_DOUBT`)
    expect(failed.code).toBe(2)
    expect(failed.out).toContain('send-decisions: failed')
  })

  test('1: a misspelt workflow, a missing message and a file that is none are named, and what to do now', async () => {
    const tried = await Promise.all([
      run(['send-referals']),
      run(['dtp-inbox']),
      run(['dtp-inbox', '--input', file('bad.json', '{"a":')]),
    ])

    const expected = [['send-referals', 'Did you mean: send-referrals?'], ['--input FILE'], ['bad.json', 'JSON']]
    for (const [index, { code, out, err }] of tried.entries()) {
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toMatch(/^exchange: .+\n {2}.+\n$/)
      for (const text of expected[index] ?? []) expect(err).toContain(text)
    }
  })

  test('1: every missing or wrong variable is named at once, without its value', async () => {
    const { code, err } = await run(['send-referrals'], {
      PRIMERO_PASSWORD: '',
      PRIMERO_URL: 'http://primero.example.org',
      DTP_URL: 'https://gateway.example.org/primero',
      DATA_KEYS: 'no-key-canary',
      RETRY_FOR: 'three days',
    })

    expect(code).toBe(1)
    for (const name of [
      'PRIMERO_PASSWORD',
      'PRIMERO_URL',
      'DTP_CLIENT_CERT',
      'DTP_CLIENT_KEY',
      'DATA_KEYS',
      'RETRY_FOR',
    ])
      expect(err).toContain(name)
    expect(err).not.toContain('canary')
  })
})

describe('exchange inbox and ledger beside a running start', () => {
  const command = (...args: readonly string[]) => exchange(args, { env: site.env })

  test('inbox: list, show, replay, discard', async () => {
    const { id } = await site.deliver({ request_type: 'nobody-knows', n: 1 })

    const [list, shown] = await Promise.all([
      command('inbox', 'list', '--state', 'stuck', '--json'),
      command('inbox', 'show', id),
    ])
    const replayed = await command('inbox', 'replay', id)
    await site.settled(id, 'stuck')
    const discarded = await command('inbox', 'discard', id)
    const again = await command('inbox', 'discard', id)

    expect(list.code).toBe(0)
    expect(JSON.parse(list.out).entries).toContainEqual(expect.objectContaining({ id, state: 'stuck' }))
    expect(shown.code).toBe(0)
    expect(shown.out).toContain('MESSAGE_UNRECOGNISED')
    expect([replayed.code, discarded.code]).toEqual([0, 0])
    expect(await site.entry(id)).toMatchObject({ state: 'done', code: 'DISCARDED' })
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^exchange: .+\n {2}.+\n$/) })
  })

  test('pinned 6: ledger: settle one in doubt', async () => {
    const { referral, referralId } = referredChild(site.primero, site.settings.unhcr_user)
    site.dtp.faults.add({ what: { kind: 'answer', status: 504 } })
    await site.run('send-referrals')
    const key = `dtp/referral/${referral.id}`

    const list = await command('ledger', 'list', '--state', 'in_doubt', '--json')
    const settled = await command('ledger', 'settle', key, '--not-arrived')
    await until('the second try', () => (sent(site.dtp).some(({ id }) => id === referralId) ? true : undefined))
    const again = await command('ledger', 'settle', key, '--arrived')

    expect(JSON.parse(list.out).effects.map((effect: { key: string }) => effect.key)).toContain(key)
    expect(settled.code).toBe(0)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining(key) })
  })

  test('pinned 5: ledger settle --from FILE: what another exchange sent before is not sent again', async () => {
    const children = [1, 2, 3].map(() => referredChild(site.primero, site.settings.unhcr_user))
    const [before, also, fresh] = children as [(typeof children)[0], (typeof children)[0], (typeof children)[0]]
    const list = file('sent.txt', `${before.referral.id}\r\n\n${also.referral.id.toUpperCase()}\n`)

    const wrong = await command('ledger', 'settle', '--from', file('wrong.txt', `${fresh.referral.id}\nnot an id\n`))
    const taken = await command('ledger', 'settle', '--from', list)
    const { outcomes } = await site.run('send-referrals')

    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('wrong.txt:2')
    expect(taken.code).toBe(0)
    expect(outcomes[fresh.referral.id]).toBe('delivered DELIVERED')
    expect(sent(site.dtp).map(({ id }) => id)).not.toContain(before.referralId)
    expect(sent(site.dtp).map(({ id }) => id)).not.toContain(also.referralId)
  })
})

describe('exchange start that cannot', () => {
  const start = (change: Readonly<Record<string, string>>, cwd?: string) =>
    exchange(['start'], { env: { ...site.env, ...change }, ...(cwd === undefined ? {} : { cwd }) })

  test('refuses with 1 and names at once what is wrong with address, country, secrets, certificate and settings', async () => {
    const old = await makeCertificates({ client: 'expired' })
    const wrong = {
      HOST: '0.0.0.0',
      PRIMERO_CONCURRENCY: '6',
      INBOX_TOKENS: '',
      DATA_KEYS: '',
      DTP_URL: 'https://gateway.example.org/primero',
      DTP_CLIENT_CERT: old.client.cert,
      DTP_CLIENT_KEY: old.client.key,
    }
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''

    const [variables, project, listener] = await Promise.all([
      start({ ...wrong, COUNTRY: 'gambela' }),
      start({}, projectWith({ closed_case: 'sometimes' })),
      start({ PORT: port, DATA_DIR: join(folder, 'data') }),
    ])
    taken.close()

    for (const { code, out, err } of [variables, project, listener]) {
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).not.toMatch(/^\s+at .+:\d+/m)
    }
    const named = ['HOST', 'TLS_CERT', 'BEHIND_PROXY', 'PRIMERO_CONCURRENCY', 'INBOX_TOKENS', 'DATA_KEYS']
    for (const text of [...named, 'exchange keys data', 'DTP_CLIENT_CERT', 'expired', 'gambela', 'gambella'])
      expect(variables.err).toContain(text)
    expect(project.err).toMatch(/settings\.json.*closed_case/)
    expect(listener.err).toContain(port)
  })
})

test('pinned 26: a dry run without --fixtures answers reads from fixtures/, shows plans with values masked, and sends nothing', async () => {
  const message = 'fixtures/progres/referral-batch-with-bad-rows.json'
  const before = [site.primero.requests.length, site.dtp.requests.length]

  const [inbox, referralsOut] = await Promise.all([
    run(['dtp-inbox', '--dry-run', '--input', message, '--json']),
    run(['send-referrals', '--dry-run']),
  ])

  expect([inbox.code, referralsOut.code]).toEqual([2, 2])
  const { plan, records } = JSON.parse(inbox.out)
  expect(records).toContainEqual({ key: '990-26-PRTITV-0000302', outcome: 'refused', code: 'FIELDS_MISSING' })
  expect(plan).toContainEqual(expect.objectContaining({ method: 'POST', system: 'primero' }))
  expect(referralsOut.out).toMatch(/^ {2}POST dtp ReceiveIncomingReferral$/m)
  const text = readFileSync(message, 'utf8')
  for (const [, name = ''] of text.matchAll(/"individuals\.progres_(?:givenname|familyname)": "(.+?)"/g))
    expect(inbox.out).not.toContain(name)
  expect([site.primero.requests.length, site.dtp.requests.length]).toEqual(before)
})

describe('the end of a process', () => {
  test('SIGTERM: what runs is finished, nothing new is begun, and the exit code is 0', async () => {
    const [running, next] = [newChild(), newChild()]
    site.primero.faults.add({ match: { method: 'POST' }, what: { kind: 'delay', delayMs: 1_000 } })
    const id = await site.post(running.message())
    await until('its create', () => (casesOf(site.primero, running.individualNo).length === 1 ? true : undefined))

    const ending = site.stop()
    await until('the signal', () => (site.log().includes('"fact":"stopping"') ? true : undefined))
    const refused = await site.post(next.message()).then(
      () => 'accepted',
      () => 'refused',
    )
    const code = await ending
    const toldBefore = told(site.dtp, running.number).length
    await site.start()

    expect(code).toBe(0)
    expect(toldBefore).toBe(1)
    expect((await site.entry(id)).state).toBe('done')
    expect(refused).toBe('refused')
    expect(site.log()).toContain('"fact":"stopped"')
  })

  test('SIGTERM without anything under way ends at once', async () => {
    const began = performance.now()

    const code = await site.stop()

    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test('pinned 27: without the data key of an entry start refuses and names it, or shows the entry; the entry survives', async () => {
    await site.start()
    const child = newChild()
    const outage = site.primero.faults.add({
      times: Number.POSITIVE_INFINITY,
      what: { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
    })
    const id = await site.post(child.message())
    await site.settled(id, 'waiting')
    await site.stop()
    const key = String(site.env.DATA_KEYS)

    const without = await exchange(['start'], { env: { ...site.env, DATA_KEYS: newDataKey('another') } })
    outage.remove()
    await site.start({ DATA_KEYS: `${newDataKey('newer')},${key}` })
    await site.settled(id, 'done')

    expect(without).toMatchObject({ code: 1, out: '' })
    expect(without.err).toContain('DATA_KEYS')
    expect(without.err).toContain('test')
    expect(told(site.dtp, child.number)).toHaveLength(1)
  })
})
