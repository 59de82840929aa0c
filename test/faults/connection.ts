import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { postToDtp } from '../../src/operations/dtp.ts'
import { type Certificates, makeCertificates } from '../../src/simulator/certificates.ts'
import { intervention, outcomesOf, referralMessage, type Stage } from '../flows/stage.ts'
import { failureOf } from '../primero/server.ts'
import { expectNothingPersonal, marked, refer, sentToDtp, setWorld, statusesTold } from './world.ts'

export function faultsOfConnections(): void {
  describe('faults of connections to DTP', () => {
    let stage: Stage
    afterEach(() => expectNothingPersonal(stage))

    const number = '990-26-PRTITV-0000001'
    const referral = () => referralMessage(intervention(1, marked()))

    interface TlsChanges {
      readonly servername?: string
      readonly refuseAtHandshake?: boolean
    }

    /** DTP with https, which shuts the door on a certificate it does not accept. */
    async function setTls(
      { ca, server, client }: Certificates,
      { servername, refuseAtHandshake = true }: TlsChanges = {},
    ) {
      const world = await setWorld({
        dtp: { tls: { ...server, ca }, refuseAtHandshake },
        tls: { dtp: { ...client, ca, ...(servername === undefined ? {} : { servername }) } },
      })
      stage = world.stage
      await stage.run('send-referrals')
      return world
    }

    test('F7: a kept-alive connection with client certificate that has gone dead is noticed within the time-out, and the next message takes a fresh one', async () => {
      const { dtp } = await setTls(await makeCertificates())
      await stage.accept(referral())
      await stage.work()
      const before = dtp.opened()
      await dtp.turn({ is: 'a black hole' })
      const { id: entry } = await stage.accept(referralMessage(intervention(2, marked())))
      const began = performance.now()

      const runs = await stage.work()
      const tookMs = performance.now() - began
      await dtp.turn({ is: 'fine' })
      await sleep(1_100)
      stage.later(10_000)
      await stage.work()

      expect(outcomesOf(runs)).toEqual({ '990-26-PRTITV-0000002': 'waiting REMOTE_DOWN' })
      expect(tookMs).toBeLessThan(3_000)
      expect(before).toBe(1)
      expect(dtp.opened()).toBe(2)
      expect((await stage.entry(entry)).state).toBe('done')
      expect(statusesTold(stage, '990-26-PRTITV-0000002')).toEqual(['Pending Acknowledgement'])
      expect(stage.primero.content.cases()).toHaveLength(2)
    })

    describe('F38: the certificate of DTP', () => {
      test.each([
        ['has expired', 'expired', {}],
        ['is not valid yet', 'not-yet-valid', {}],
        ['was made for another host name', 'valid', { servername: 'dtp.example.org' }],
        ['comes from somebody unknown', 'other-authority', {}],
      ] as const)(
        'F38: that %s is never sent anything: a referral and feedback wait, and neither is in doubt',
        async (_, server, more) => {
          await setTls(await makeCertificates({ server }), more)
          const { id } = refer(stage)
          const { id: entry } = await stage.accept(referral())

          const runs = await stage.run('send-referrals')

          expect(outcomesOf(runs)).toEqual({ [number]: 'waiting REMOTE_DOWN', [id]: 'waiting REMOTE_DOWN' })
          expect(stage.dtp.requests).toEqual([])
          expect(await stage.entry(entry)).toMatchObject({ state: 'waiting', code: 'REMOTE_DOWN' })
          expect(await stage.store.ledger.find(`dtp/referral/${id}`)).toMatchObject({ state: 'not_reached' })
        },
      )
    })

    describe('F38: our own certificate', () => {
      test.each([
        [
          'has expired',
          'expired',
          /^The client certificate for DTP \(thumbprint [0-9A-F]{40}\) has expired on \d{4}-\d\d-\d\d/,
        ],
        [
          'is not valid yet',
          'not-yet-valid',
          /^The client certificate for DTP \(thumbprint [0-9A-F]{40}\) is not valid before/,
        ],
      ] as const)(
        'F38: when it %s while we run, nothing is sent, nothing is in doubt, the payload is kept and a person is called',
        async (_, client, says) => {
          const certificates = await makeCertificates({ client })
          await setTls(certificates)
          const { id } = refer(stage)
          const { id: entry } = await stage.accept(referral())

          const runs = await stage.run('send-referrals')
          const credential = { ...stage.environment.dtp, baseUrl: stage.environment.dtp.url }
          const error = await failureOf(postToDtp({ configuration: credential }, 'ReceiveIncomingReferral', marked()))

          expect(outcomesOf(runs)).toEqual({ [number]: 'waiting CONFIGURATION', [id]: 'waiting CONFIGURATION' })
          expect(runs.flatMap(({ alerts }) => alerts.map(({ record }) => record)).toSorted()).toEqual(
            [number, id].toSorted(),
          )
          expect(stage.dtp.requests).toEqual([])
          expect(await stage.entry(entry)).toMatchObject({ state: 'stuck', code: 'CONFIGURATION' })
          expect(await stage.store.entries.replay(entry, stage.now())).toBe('replayed')
          expect(error).toMatchObject({ code: 'CONFIGURATION', retry: 'never', message: expect.stringMatching(says) })
          expect(error.hint).toContain('DTP_CLIENT_CERT')
        },
      )

      test('F38: that the gateway does not know is answered 403: the payload is kept, a person is called, nothing is in doubt', async () => {
        await setTls(await makeCertificates({ client: 'other-authority' }), { refuseAtHandshake: false })
        const { id } = refer(stage)
        const { id: entry } = await stage.accept(referral())

        const runs = await stage.run('send-referrals')

        expect(outcomesOf(runs)).toEqual({ [number]: 'waiting ACCESS_REFUSED', [id]: 'waiting ACCESS_REFUSED' })
        expect(stage.dtp.received).toEqual([])
        expect(await stage.entry(entry)).toMatchObject({ state: 'stuck', code: 'ACCESS_REFUSED' })
        expect(await stage.store.entries.replay(entry, stage.now())).toBe('replayed')
      })

      test('F38: that makes the gateway hang up without a word leaves a new referral in doubt, for it could have arrived', async () => {
        await setTls(await makeCertificates({ client: 'other-authority' }))
        const { id } = refer(stage)

        const runs = await stage.run('send-referrals')

        expect(outcomesOf(runs)).toEqual({ [id]: 'in_doubt IN_DOUBT' })
        expect(sentToDtp(stage)).toEqual([])
      })
    })

    describe('F9: DTP answers 200', () => {
      const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

      test.each([
        ['without a body', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
        ['with a page of HTML', 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>'],
        ['with half of its JSON, and hangs up', `${head}content-length: 1000\r\n\r\n{"message":`],
      ])('F9: %s: the status is what counts, and it is told once', async (_, bytes) => {
        const world = await setWorld()
        stage = world.stage
        await world.dtp.turn({ is: 'answering', with: bytes })
        const { id } = await stage.accept(referral())

        await stage.work()

        expect((await stage.entry(id)).state).toBe('done')
        expect(world.dtp.opened()).toBe(1)
      })

      test('F9: and then never stops: we hang up after a megabyte', async () => {
        const world = await setWorld()
        stage = world.stage
        await world.dtp.turn({ is: 'flooding', head: `${head}\r\n` })
        const { id } = await stage.accept(referral())

        await stage.work()

        expect((await stage.entry(id)).state).toBe('done')
        expect(world.dtp.delivered()).toBeLessThan(20 * 1024 ** 2)
      })
    })
  })
}
