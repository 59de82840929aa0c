import { day, expiryOf } from '../../project/certificates.ts'
import type { DataKeyUse } from '../../store/dataKeyUse.ts'
import { type Check, counted, fail, ok } from './row.ts'

export interface SecretsEvidence {
  readonly now: Date
  readonly tokens: {
    /** Given as digests, so that the token is stored nowhere here. */
    readonly digests: number
    /** Letters of each token given in clear. */
    readonly lengths: readonly number[]
    readonly signed: boolean
    /** Addresses and networks; 0: all. */
    readonly addresses: number
  }
  readonly adminPasswordLength: number
  readonly dataKeys: readonly DataKeyUse[]
  /** Undefined where DTP is reached by plain http on this machine. */
  readonly certificate:
    | { readonly sha1: string; readonly sha256: string; readonly validFrom: Date; readonly validTo: Date }
    | undefined
  /** Files with secrets that other accounts may read, and how they may. */
  readonly openFiles: readonly string[]
  readonly secretFiles: number
  readonly listener: { readonly host: string; readonly tls: boolean; readonly behindProxy: boolean }
}

const leastLetters = 32
const daysToGo = 30

/** Tokens, keys, passwords and the client certificate. */
export const secretsChecks: readonly Check<SecretsEvidence>[] = [
  {
    id: 'C5',
    about: 'inbox tokens',
    hint: 'exchange keys inbox --digest makes one. Remove the old one once the sender has changed over.',
    judge: ({ tokens: { digests, lengths, signed, addresses } }) => {
      const all = digests + lengths.length
      const short = lengths.filter((letters) => letters < leastLetters).length
      if (short > 0) return fail(`${counted(short, 'token')} shorter than ${leastLetters} letters`)
      if (all > 2) return fail(`${all} tokens are good at once: an old one was not removed`)
      const how = `${digests} as digest, ${signed ? 'signature asked for' : 'no signature asked for'}`
      return ok(`${counted(all, 'token')}, ${how}, ${addresses === 0 ? 'any address' : counted(addresses, 'network')}`)
    },
  },
  {
    id: 'C5',
    about: 'password of admin',
    hint: 'Set ADMIN_PASSWORD to 16 letters or more, of a password manager.',
    judge: ({ adminPasswordLength: letters }) => (letters < 16 ? fail(`${letters} letters`) : ok(`${letters} letters`)),
  },
  {
    id: 'keys',
    about: 'data keys',
    hint: 'exchange keys data list says which is needed for what; docs/security.md how one is changed.',
    judge: ({ dataKeys }) => {
      const lost = dataKeys.filter(({ state }) => state === 'missing' || state === 'another')
      if (lost.length > 0) return fail(`needed and not there: ${lost.map(({ id }) => id).join(', ')}`)
      const idle = dataKeys.filter(({ state, keys }) => state === 'older' && keys === 0)
      if (idle.length > 0) return fail(`no longer needed and not destroyed: ${idle.map(({ id }) => id).join(', ')}`)
      return ok(`${counted(dataKeys.length, 'key')}, ${dataKeys[0]?.id ?? 'none'} encrypts, nothing needs another`)
    },
  },
  {
    id: 'keys',
    about: 'client certificate',
    hint: 'Ask its authority for the next one, have UNHCR register it, and replace both files.',
    judge: ({ certificate, now }) => {
      if (certificate === undefined) return ok('none: DTP is a program on this machine, reached by plain http')
      const { daysLeft } = expiryOf(certificate.validTo, now)
      const found = `SHA-1 ${certificate.sha1}, ${day(certificate.validFrom)} to ${day(certificate.validTo)}`
      return daysLeft < daysToGo ? fail(`${found}: ${counted(daysLeft, 'day')} left`) : ok(`${found}, key fits`)
    },
  },
  {
    id: 'keys',
    about: 'files with secrets',
    hint: 'chmod 600 each of them, and give it to the account that runs the exchange.',
    judge: ({ openFiles, secretFiles }) =>
      openFiles.length > 0 ? fail(openFiles.join('; ')) : ok(`${counted(secretFiles, 'file')}, for the owner alone`),
  },
  {
    id: 'keys',
    about: 'way to the inbox',
    hint: 'Set TLS_CERT and TLS_KEY, or BEHIND_PROXY=true behind a proxy that ends TLS.',
    judge: ({ listener: { host, tls, behindProxy } }) => {
      if (tls) return ok(`${host}, TLS 1.2 or later`)
      return behindProxy ? ok(`${host}, a proxy ends TLS`) : ok(`${host}: this machine alone`)
    },
  },
]
