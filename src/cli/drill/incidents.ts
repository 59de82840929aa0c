import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proxyPage } from '../../simulator/faults.ts'
import { referChild, referralMessage } from '../demoFlows.ts'
import { nextVersion } from './nextVersion.ts'
import { type DrillStage, soon, until } from './stage.ts'

/** What a trainee meets, once its scene is set. */
export interface Scene {
  /** What is seen, and what somebody says on the phone. */
  readonly seen: string
  /** The right act, as the commands do it. */
  readonly act: () => Promise<void>
  /** What is not as it should be; undefined: the incident is over, and well. */
  readonly wrong: () => Promise<string | undefined>
  readonly lesson: string
}

export interface Incident {
  readonly title: string
  /** Changes the copy of the project before the exchange starts. */
  readonly prepare?: (project: string, country: string) => void
  readonly scene: (stage: DrillStage) => Promise<Scene>
}

interface EntryRow {
  readonly id: string
  readonly state: string
  readonly code: string | null
}

interface EffectRow {
  readonly key: string
  readonly state: string
}

export const incidents: readonly Incident[] = [
  {
    title: 'Primero was down for longer than RETRY_FOR',
    async scene(stage) {
      const fault = stage.primero.faults.add({ times: Number.POSITIVE_INFINITY, what: proxyPage(503) })
      const id = await stage.post(referralMessage(stage.specification))
      await until('the entry to be stuck', async () => (await entry(stage, id))?.state === 'stuck')
      fault.remove()
      return {
        seen: 'An alert: an entry is stuck, and UNHCR was told that its referral could not be delivered. Primero answers again.',
        act: () => acted(stage, 'inbox', 'replay', id),
        wrong: async () => {
          if (
            await soon(
              async () => stage.primero.content.cases().length === 1 && (await entry(stage, id))?.state === 'done',
            )
          )
            return undefined
          return (await entry(stage, id))?.code === 'DISCARDED'
            ? 'the payload was erased: the child has no case, and UNHCR would have to send the referral again'
            : 'the child has no case in Primero yet'
        },
        lesson:
          'A stuck entry keeps its payload. Once the cause is mended, inbox replay delivers it, and UNHCR is told so.',
      }
    },
  },
  {
    title: 'Primero refuses the account',
    async scene(stage) {
      const password = 'another-invented-password'
      stage.primero.content.changeUser(stage.primero.account.user, { password })
      const id = await stage.post(referralMessage(stage.specification))
      await until('Primero to refuse the account', async () =>
        (await stage.command('inbox', 'show', id)).out.includes('CREDENTIALS_REFUSED'),
      )
      return {
        seen: `An alert: CREDENTIALS_REFUSED; all work with Primero rests. Its administrator says on the phone that the password is now ${password}. The exchange reads it from ${stage.passwordFile}.`,
        act: async () => {
          writeFileSync(stage.passwordFile, password)
          await stage.stop()
          await stage.start()
        },
        wrong: async () => {
          if (stage.primero.isLocked(stage.primero.account.user))
            return 'the account is locked: too many wrong passwords'
          return (await soon(async () => (await entry(stage, id))?.state === 'done'))
            ? undefined
            : 'the entry is not done: the exchange does not use the new password'
        },
        lesson:
          'A new password and a new start. Six wrong ones would have locked the account for everybody; what waited goes on by itself.',
      }
    },
  },
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
    title: 'A decision whose code nobody mapped',
    prepare: (project, country) => {
      const file = gapFile(project, country)
      const table = JSON.parse(readFileSync(file, 'utf8'))
      table.rows = table.rows.filter(({ primero }: { primero: string }) => primero !== 'accepted')
      writeFileSync(file, JSON.stringify(table, null, 2))
    },
    async scene(stage) {
      await stage.run('send-referrals')
      const { referral } = referChild(stage.primero, stage.specification)
      await stage.run('send-referrals')
      const id = String(stage.dtp.received[0]?.body.id)
      const inbox = { url: `${stage.address()}/i/dtp-inbox`, token: stage.env.INBOX_TOKENS ?? '' }
      const { body } = await stage.dtp.officer.decide(inbox, id, 'accepted')
      const work = String((body as { work_order_id?: string }).work_order_id)
      await until('the entry to be stuck', async () => (await entry(stage, work))?.state === 'stuck')
      const file = join(
        stage.project,
        'mappings',
        stage.specification.country,
        nextVersion(stage.specification.version),
        'review-decision.json',
      )
      const status = () => stage.primero.content.referral(referral.id)?.status
      return {
        seen: `An alert: DECISION_CODE_UNKNOWN. UNHCR confirms: 125080000 means accepted. The mapping in force is a draft; its table is ${file}.`,
        act: async () => {
          const table = JSON.parse(readFileSync(file, 'utf8'))
          table.rows.push({ progres: '125080000', primero: 'accepted', relationship: 'equivalent' })
          writeFileSync(file, JSON.stringify(table, null, 2))
          await stage.stop()
          await stage.start()
          await acted(stage, 'inbox', 'replay', work)
        },
        wrong: async () =>
          (await soon(() => status() === 'accepted'))
            ? undefined
            : `the referral in Primero is still ${String(status())}`,
        lesson:
          'A gap is closed in the mapping, signed by both agencies, and the exchange started anew; then the entry is replayed. Nobody edits Primero by hand.',
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
      const open = () => stage.list<{ id: string }>('notices', 'notices', 'list')
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

async function acted(stage: DrillStage, ...args: readonly string[]): Promise<void> {
  await stage.command(...args)
}

async function entry(stage: DrillStage, id: string): Promise<EntryRow | undefined> {
  return (await stage.list<EntryRow>('entries', 'inbox', 'list')).find((one) => one.id === id)
}

function inDoubt(stage: DrillStage): Promise<readonly EffectRow[]> {
  return stage.list<EffectRow>('effects', 'ledger', 'list', '--state', 'in_doubt')
}

function sent({ dtp }: DrillStage): number {
  return dtp.received.filter(({ operation }) => operation === 'ReceiveIncomingReferral').length
}

/** Puts a draft in force, a copy of the version before. */
function gapFile(project: string, country: string): string {
  const folder = join(project, 'mappings', country)
  const settings = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))
  const next = nextVersion(settings.version)
  cpSync(join(folder, settings.version), join(folder, next), { recursive: true })
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ ...settings, version: next }, null, 2))
  return join(folder, next, 'review-decision.json')
}
