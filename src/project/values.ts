import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { parseDuration } from './duration.ts'

/*
 * What a variable may hold: text in, exact value out. A message is the end of a sentence that begins with the variable's
 * name, and never quotes the value, which may be a secret put into the wrong variable.
 */

const text = z.string({ error: 'is not set.' })

/** One line without control characters: what fits into a header. */
export const secret = text.refine((value) => /^[^\p{Cc}]+$/u.test(value), {
  error: 'has a line break or another control character in it.',
})

export const userName = secret.refine((value) => !value.includes(':'), {
  error: 'has a colon in it, which HTTP Basic cannot transport.',
})

/** Base URL without the slash at its end; https, or http to this machine. */
export const remoteUrl = text.transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    return refuse('is no URL that begins with https://.')
  if (url.username !== '' || url.password !== '')
    return refuse('has a user name or password in it; they have variables of their own.')
  if (url.search !== '' || url.hash !== '') return refuse('has a ? or # in it; give the base URL alone.')
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return refuse('must begin with https://; plain http is for this machine alone.')
  return value.trim().replace(/\/+$/, '')
})

export const duration = text.transform((value, context) => {
  const ms = parseDuration(value)
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: 'is no length of time such as 500ms, 30s, 10m, 72h or 7d.' })
  return z.NEVER
})

export const durations = text.transform((value, context) => {
  const waits = value.split(',').map(parseDuration)
  if (waits.every((ms) => ms !== undefined)) return waits
  context.addIssue({ code: 'custom', message: 'is no list of lengths of time such as 5s,30s,2m.' })
  return z.NEVER
})

export function integer(least: number, most: number) {
  return text.transform((value, context) => {
    const number = /^\d{1,6}$/.test(value.trim()) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    context.addIssue({ code: 'custom', message: `is no whole number from ${least} to ${most}.` })
    return z.NEVER
  })
}

export const flag = z
  .enum(['true', 'false'], { error: 'is neither true nor false.' })
  .transform((value) => value === 'true')

export const logLevel = z.enum(['debug', 'info', 'warn', 'error'], { error: 'is none of debug, info, warn, error.' })

export const country = text.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
  error: 'is no folder name of small letters, digits and hyphens.',
})

export const path = text.transform((value) => value.trim())

export const host = text.regex(/^[A-Za-z0-9.:_-]+$/, { error: 'is neither a host name nor an address.' })

export const databaseUrl = text.refine(
  (value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol),
  {
    error: 'is no URL that begins with postgres://.',
  },
)

/** PEM, also with the line breaks written as \n, as one-line variables need it. */
export const pem = text.transform((value) => (value.includes('\n') ? value : value.replaceAll('\\n', '\n')))

/**
 * Tokens, or digests of them (`sha256:` and 64 hex digits), which open nothing for whoever reads the variable. Either way
 * only the SHA-256 (hex) goes on from here.
 */
export const tokenDigests = text.transform((value, context) => {
  const list = listed(value)
  if (list.length > 0 && list.every((token) => /^[\x21-\x7e]+$/.test(token))) return list.map(tokenDigest)
  context.addIssue({ code: 'custom', message: 'is no list of tokens: visible ASCII characters, separated by commas.' })
  return z.NEVER
})

function tokenDigest(token: string): string {
  return digested.exec(token)?.[1] ?? createHash('sha256').update(token).digest('hex')
}

const digested = /^sha256:([0-9a-f]{64})$/

/** Secrets of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export const signingSecrets = text.transform((value, context) => {
  const secrets = listed(value).map((part) => /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(part)?.[1])
  const bytes = secrets.map((secret) => Buffer.from(secret ?? '', 'base64'))
  if (bytes.length > 0 && bytes.every(({ length }) => length >= 24 && length <= 64)) return bytes
  context.addIssue({
    code: 'custom',
    message: 'is no list of secrets: whsec_ and 24 to 64 bytes in base64. Make one with: exchange keys signing',
  })
  return z.NEVER
})

export interface DataKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Buffer
}

export const dataKeys = text.transform((value, context): readonly [DataKey, ...DataKey[]] => {
  const keys = value.split(',').map((part) => /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(part.trim()))
  const [first, ...rest] = keys.flatMap((match) =>
    match === null ? [] : [{ id: match[1] ?? '', key: Buffer.from(match[2] ?? '', 'base64') }],
  )
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  const wrong = keys.indexOf(null)
  if (first === undefined || wrong >= 0)
    return refuse(`key ${wrong + 1} is not id:base64 of 32 bytes. Make one with: exchange keys data`)
  const ids = [first, ...rest].map(({ id }) => id)
  if (new Set(ids).size < ids.length) return refuse('has two keys with the same id.')
  return [first, ...rest]
})

/** Addresses and networks: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`. */
export const addresses = text.transform((value, context) => {
  const list = listed(value)
  if (list.every(isAddressOrNetwork)) return list
  context.addIssue({ code: 'custom', message: 'is no list of addresses or networks such as 10.0.0.1,10.1.0.0/16.' })
  return z.NEVER
})

/** Names and addresses that never leave this machine; with or without the brackets of a URL. */
export function isLoopback(hostName: string): boolean {
  const name = hostName.replace(/^\[|\]$/g, '')
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

function listed(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function isAddressOrNetwork(value: string): boolean {
  const [address = '', length, ...more] = value.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128))
}
