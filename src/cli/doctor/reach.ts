import { type Check, fail, ok } from './row.ts'

export interface ReachEvidence {
  /** What came of a connection to DTP's gateway over which no byte of a message was sent. */
  readonly dtp:
    | { readonly connected: true; readonly how: string }
    | { readonly connected: false; readonly reason: string }
  readonly dtpHost: string
}

export interface ClockEvidence {
  /** How far this machine's clock is ahead of Primero's; negative: behind. */
  readonly aheadMs: number
  readonly timeZone: string
  readonly now: Date
}

const mostSkewMs = 30_000

export const reachChecks: readonly Check<ReachEvidence>[] = [
  {
    id: 'DTP',
    about: 'gateway of DTP',
    hint: 'Look at DTP_URL, the firewall, DTP_CA, and with UNHCR whether the thumbprint of the certificate is registered.',
    judge: ({ dtp, dtpHost }) =>
      dtp.connected ? ok(`${dtpHost}: ${dtp.how}; no message was sent`) : fail(`${dtpHost}: ${dtp.reason}`),
  },
]

export const clockChecks: readonly Check<ClockEvidence>[] = [
  {
    id: 'clock',
    about: 'clock of this machine',
    hint: 'Let the machine set its clock by NTP. Times of records are Primero’s, but expiry and retries follow this clock.',
    judge: ({ aheadMs }) => {
      const seconds = Math.round(Math.abs(aheadMs) / 1000)
      const found = seconds === 0 ? 'as Primero’s' : `${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Primero’s`
      return Math.abs(aheadMs) > mostSkewMs ? fail(found) : ok(found)
    },
  },
  {
    id: 'clock',
    about: 'time zone of the country',
    hint: 'Set time_zone in settings.json of the country to a name such as Africa/Addis_Ababa.',
    judge: ({ timeZone, now }) => {
      try {
        const there = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(now)
        return ok(`${timeZone}, where it is ${there}`)
      } catch {
        return fail(`there is no time zone ${timeZone}`)
      }
    },
  },
]
