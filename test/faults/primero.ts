import { afterEach, describe, expect, test } from 'vitest'
import { beginAnew } from '../../src/cli/admissions.ts'
import { caseRecordId } from '../../src/referral/ids.ts'
import type { Mishap } from '../../src/simulator/faults.ts'
import { intervention, outcomesOf, referralMessage, type Stage, serviceRows } from '../flows/stage.ts'
import type { TcpProxy, Weather } from './proxy.ts'
import { expectNothingPersonal, marked, setWorld, statusesTold } from './world.ts'

export function faultsOfPrimero(): void {
  describe('faults of Primero', () => {
    let stage: Stage
    let primero: TcpProxy
    async function set(options: Parameters<typeof setWorld>[0] = {}) {
      ;({ stage, primero } = await setWorld(options))
    }
    afterEach(() => expectNothingPersonal(stage))

    const number = (no: number) => `990-26-PRTITV-${String(no).padStart(7, '0')}`
    const individual = (no: number) => `990-${String(no).padStart(8, '0')}`
    const create = { method: 'POST', path: '/api/v2/cases' }
    const http = (body: string, type = 'application/json') =>
      `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`

    describe('F9: what Primero answers is not what it answers', () => {
      test.each([
        ['empty', { is: 'answering', with: http(''), times: 1 }],
        [
          'a login page with status 200',
          { is: 'answering', with: http('<html>Please sign in</html>', 'text/html'), times: 1 },
        ],
        [
          'JSON that calls itself text, cut in the middle',
          { is: 'answering', with: http('{"data":[{"id', 'text/plain'), times: 1 },
        ],
        ['no HTTP at all', { is: 'answering', with: 'SSH-2.0-OpenSSH_9.2\r\n', times: 1 }],
        ['half of it, and then nobody is there', { is: 'cutting answers', afterBytes: 120 }],
      ] as const)(
        'F9: %s: nothing is written, it is asked again, and the child has one case',
        async (_, weather: Weather) => {
          await set()
          await primero.turn(weather)
          const { id } = await stage.accept(referralMessage(intervention(1, marked())))

          const runs = await stage.work()
          const cases = stage.primero.content.cases().length
          await primero.turn({ is: 'fine' })
          stage.later(10_000)
          await stage.work()

          expect(Object.values(outcomesOf(runs))).toEqual([expect.stringMatching(/^waiting REMOTE_(NONSENSE|DOWN)$/)])
          expect(cases).toBe(0)
          expect((await stage.entry(id)).state).toBe('done')
          expect(serviceRows(stage, number(1))).toHaveLength(1)
          expect(statusesTold(stage, number(1))).toEqual(['Pending Acknowledgement'])
        },
      )

      test('F9: an answer without end: no more of it is kept than 50 MB, and it is asked again', async () => {
        await set({ timeoutMs: 20_000 })
        await primero.turn({ is: 'flooding', head: 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n' })
        await stage.accept(referralMessage(intervention(1, marked())))

        const runs = await stage.work()

        expect(outcomesOf(runs)).toEqual({ [number(1)]: 'waiting REMOTE_NONSENSE' })
        expect(primero.delivered()).toBeLessThan(80 * 1024 ** 2)
      })

      const lost: readonly (readonly [string, Mishap])[] = [
        ['is lost', { kind: 'reset', when: 'before-answering', applied: true }],
        [
          'is a page of a proxy',
          {
            kind: 'answer',
            status: 200,
            headers: { 'content-type': 'text/html' },
            body: '<html>Please sign in</html>',
            applied: true,
          },
        ],
        ['is 504', { kind: 'answer', status: 504, body: 'gateway', applied: true }],
      ]
      test.each(lost)(
        'F9: the answer to a case that was made %s: it is found again and not made twice',
        async (_, what) => {
          await set()
          stage.primero.faults.add({ match: create, what })
          const { id } = await stage.accept(referralMessage(intervention(1, marked())))

          const runs = await stage.work()
          stage.later(10_000)
          await stage.work()

          expect(Object.values(outcomesOf(runs))).toEqual([expect.stringMatching(/^waiting REMOTE_/)])
          expect(stage.primero.content.cases()).toHaveLength(1)
          expect(serviceRows(stage, number(1))).toHaveLength(1)
          expect((await stage.entry(id)).state).toBe('done')
          expect(statusesTold(stage, number(1))).toEqual(['Pending Acknowledgement'])
        },
      )
    })

    test('F10: the password is changed under twenty entries at work: at most four requests are refused, all stops, and with the password back all arrive once', async () => {
      await set({ primero: { latencyMs: 5 } })
      const { content, account } = stage.primero
      const numbers = Array.from({ length: 20 }, (_, index) => index + 1)
      for (const no of numbers) await stage.accept(referralMessage(intervention(no, marked())))
      let asked = 0
      const changed = () => {
        asked += 1
        if (asked === 25) content.changeUser(account.user, { password: 'another' })
        return false
      }
      stage.primero.faults.add({ match: changed, what: { kind: 'hang' } })

      const runs = await stage.work(20)
      const refusals = stage.primero.requests.filter(({ status }) => status === 401)
      const open = await stage.store.entries.list({})
      content.changeUser(account.user, { password: account.password })
      await beginAnew(stage.store, stage.environment, new Date(Date.now() + 1_000), stage.now())
      for (const { id, state } of open) if (state === 'stuck') await stage.store.entries.replay(id, stage.now())
      stage.later(10_000)
      await stage.work(4)

      expect(refusals.length).toBeGreaterThan(0)
      expect(refusals.length).toBeLessThanOrEqual(4)
      expect(stage.primero.isLocked(account.user)).toBe(false)
      expect(open.filter(({ state, code }) => state === 'stuck' && code !== 'CREDENTIALS_REFUSED')).toEqual([])
      expect(runs.flatMap(({ alerts }) => alerts.map(({ code }) => code))).toContain('CREDENTIALS_REFUSED')
      expect(content.cases()).toHaveLength(20)
      for (const no of numbers) expect(statusesTold(stage, number(no))).toEqual(['Pending Acknowledgement'])
    })

    describe('F12: Primero says 409 to a new case: its id is taken', () => {
      /** Somebody made a case with our id, and none of our look-ups shows it yet. */
      async function withHiddenCase(fields: Record<string, string>) {
        const id = caseRecordId(individual(1))
        const hidden = { id, module_id: 'primeromodule-cp', owned_by: 'cw1', ...fields }
        await set({ primero: { seed: { cases: [hidden], referrals: [] } } })
        const none = { data: [], metadata: { total: 0, per: 100, page: 1 } }
        stage.primero.faults.add({
          match: { method: 'GET', path: /cases$/ },
          what: { kind: 'answer', status: 200, body: none },
        })
        stage.primero.faults.add({ match: { method: 'GET', path: id }, what: { kind: 'answer', status: 404 } })
        await stage.accept(referralMessage(intervention(1, marked())))
        return id
      }

      test('F12: by the same child: the case is read and the service added to it', async () => {
        const id = await withHiddenCase({ unhcr_individual_no: individual(1) })

        const runs = await stage.work()

        expect(outcomesOf(runs)).toEqual({ [number(1)]: 'delivered DELIVERED' })
        expect(stage.primero.content.cases().map((one) => one.id)).toEqual([id])
        expect(serviceRows(stage, number(1))).toHaveLength(1)
        expect(statusesTold(stage, number(1))).toEqual(['Pending Acknowledgement'])
      })

      test('F12: by another child: nothing is written, UNHCR is told, and a person here looks', async () => {
        await withHiddenCase({ unhcr_individual_no: individual(77) })

        const runs = await stage.work()

        expect(outcomesOf(runs)).toEqual({ [number(1)]: 'refused CASE_IDENTITY_CONFLICT' })
        expect(runs[0]?.alerts).toEqual([{ code: 'CASE_IDENTITY_CONFLICT', record: number(1) }])
        expect(serviceRows(stage, number(1))).toEqual([])
        expect(statusesTold(stage, number(1))).toEqual(['Delivery Fail'])
      })
    })

    test('F13: 422 for the first, the 25th and the last of fifty: 47 are delivered, each of the three is told for itself, and no value is quoted', async () => {
      await set()
      let made = 0
      const isOneOfThem = ({ method }: { method: string }) => method === 'POST' && [1, 25, 50].includes(++made)
      const errors = [
        { status: 422, resource: '/api/v2/cases', detail: ['/sex'], message: 'Cnryngiven Cnryxfamily is odd' },
      ]
      const what = { kind: 'answer', status: 422, body: { errors } } as const
      stage.primero.faults.add({ match: isOneOfThem, times: 3, what })
      const all = Array.from({ length: 50 }, (_, index) => intervention(index + 1, marked()))

      const { id } = await stage.accept(referralMessage(...all))
      const runs = await stage.work()

      const outcomes = Object.entries(outcomesOf(runs))
      const refused = outcomes.filter(([, outcome]) => outcome === 'refused PRIMERO_REJECTED').map(([key]) => key)
      expect(refused).toHaveLength(3)
      expect(outcomes.filter(([, outcome]) => outcome === 'delivered DELIVERED')).toHaveLength(47)
      expect(stage.primero.content.cases()).toHaveLength(47)
      for (const [key] of outcomes)
        expect(statusesTold(stage, key)).toEqual([refused.includes(key) ? 'Delivery Fail' : 'Pending Acknowledgement'])
      expect((await stage.entry(id)).state).toBe('done')
    })

    test('F14: two cases of one individual number: neither is written to, whichever is newer; UNHCR and a person here are told', async () => {
      const twin = { module_id: 'primeromodule-cp', owned_by: 'cw1', unhcr_individual_no: individual(1) }
      await set({
        primero: {
          seed: {
            cases: [
              { ...twin, id: 'a'.repeat(8) },
              { ...twin, id: 'b'.repeat(8) },
            ],
            referrals: [],
          },
        },
      })
      await stage.accept(referralMessage(intervention(1, marked())))

      const runs = await stage.work()

      expect(outcomesOf(runs)).toEqual({ [number(1)]: 'refused CASE_AMBIGUOUS' })
      expect(runs[0]?.alerts).toEqual([{ code: 'CASE_AMBIGUOUS', record: number(1) }])
      expect(stage.primero.requests.filter(({ method }) => method !== 'GET')).toEqual([])
      expect(statusesTold(stage, number(1))).toEqual(['Delivery Fail'])
    })
  })
}
