import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proxyPage } from '../../simulator/faults.ts'
import { referChild, referralMessage } from '../demoFlows.ts'
import { acted, entry, type Incident } from './incident.ts'
import { nextVersion } from './nextVersion.ts'
import { soon, until } from './stage.ts'

/** Incidents on the way from UNHCR. */
export const incoming: readonly Incident[] = [
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
      await until('Primero to refuse the account', () => stage.log().includes('CREDENTIALS_REFUSED'))
      return {
        seen: `An alert: CREDENTIALS_REFUSED; all work with Primero rests. Its administrator says on the phone that the password is now ${password}. The exchange reads it from ${stage.passwordFile}.`,
        act: async () => {
          writeFileSync(stage.passwordFile, password)
          await stage.stop()
          await stage.start()
          if (!(await soon(async () => (await entry(stage, id))?.state === 'done')))
            await acted(stage, 'inbox', 'replay', id)
        },
        wrong: async () => {
          if (stage.primero.isLocked(stage.primero.account.user))
            return 'the account is locked: too many wrong passwords'
          return (await soon(async () => (await entry(stage, id))?.state === 'done'))
            ? undefined
            : 'the entry is not done: the exchange does not use the new password, or the entry waits to be replayed'
        },
        lesson:
          'A new password and a new start. Six wrong ones would have locked the account for everybody; what waited goes on by itself, or is replayed.',
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
]

/** Puts a draft in force, a copy of the version before. */
function gapFile(project: string, country: string): string {
  const folder = join(project, 'mappings', country)
  const settings = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))
  const next = nextVersion(settings.version)
  cpSync(join(folder, settings.version), join(folder, next), { recursive: true })
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ ...settings, version: next }, null, 2))
  return join(folder, next, 'review-decision.json')
}
