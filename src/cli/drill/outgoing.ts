import { cpSync, rmSync } from 'node:fs'
import { referChild } from '../demoFlows.ts'
import { acted, type Incident, inDoubt, sent } from './incident.ts'
import { until } from './stage.ts'

/** Incidents on the way to UNHCR. */
export const outgoing: readonly Incident[] = [
  {
    title: 'A referral to UNHCR, and no answer',
    async scene(stage) {
      await stage.run('send-referrals')
      stage.dtp.faults.add({
        match: { path: 'ReceiveIncomingReferral' },
        what: { kind: 'reset', when: 'before-answering', applied: true },
      })
      referChild(stage.primero, stage.specification)
      await stage.run('send-referrals')
      await until('a referral in doubt', async () => (await inDoubt(stage)).length === 1)
      const key = (await inDoubt(stage))[0]?.key ?? ''
      return {
        seen: `An alert: IN_DOUBT for ${key}. You call UNHCR: the referral is in proGres.`,
        act: () => acted(stage, 'ledger', 'settle', key, '--arrived'),
        wrong: async () => {
          await stage.run('send-referrals')
          if (sent(stage) > 1) return 'UNHCR has the referral twice now'
          return (await inDoubt(stage)).length > 0 ? 'nobody has settled it' : undefined
        },
        lesson:
          'Whether something arrived, only the other side can say. Ask first, then settle; --not-arrived sends it again.',
      }
    },
  },
  {
    title: 'A consent is withdrawn after the referral was sent',
    async scene(stage) {
      await stage.run('send-referrals')
      const { child } = referChild(stage.primero, stage.specification)
      await stage.run('send-referrals')
      stage.primero.people.withdrawConsent(child.id)
      await stage.run('watch-consent')
      const open = () => stage.list<{ id: string }>('notices', '/api/notices?state=open')
      await until('a notice', async () => (await open()).length === 1)
      const [notice] = await open()
      return {
        seen: 'An alert: CONSENT_WITHDRAWN. exchange notices list says whom to tell what. You make the call: case number, day, services, no name.',
        act: () => acted(stage, 'notices', 'done', notice?.id ?? ''),
        wrong: async () => {
          if (sent(stage) > 1) return 'something was sent to UNHCR again'
          return (await open()).length > 0 ? 'the notice is open: in 24 hours it is overdue' : undefined
        },
        lesson:
          'The exchange tells UNHCR nothing of it. A person calls within the hours agreed, and ticks the notice off.',
      }
    },
  },
  {
    title: 'Yesterday’s backup was restored',
    async scene(stage) {
      await stage.run('send-referrals')
      await stage.stop()
      const backup = `${stage.dataDir}.backup`
      cpSync(stage.dataDir, backup, { recursive: true })
      await stage.start()
      referChild(stage.primero, stage.specification)
      await stage.run('send-referrals')
      await stage.stop()
      rmSync(stage.dataDir, { recursive: true })
      cpSync(backup, stage.dataDir, { recursive: true })
      await stage.start()
      await until('what was forgotten', async () => (await inDoubt(stage)).length === 1)
      return {
        seen: 'The disk failed and yesterday’s backup was restored. An alert: STORE_RESTORED; no new referral goes out. You call UNHCR with the ids of exchange ledger list: all of them arrived.',
        act: () => acted(stage, 'ledger', 'settle', '--forgotten', '--arrived'),
        wrong: async () => {
          await stage.run('send-referrals')
          if (sent(stage) > 1) return 'a referral went to UNHCR twice: consent was given for one'
          return (await inDoubt(stage)).length > 0 ? 'what the store had forgotten is not settled' : undefined
        },
        lesson:
          'The witness beside the store knows what was sent. It is never deleted; what it brings back is settled with UNHCR.',
      }
    },
  },
]
