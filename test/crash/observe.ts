import crypto from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { observePostgres } from './observePostgres.ts'
import { observeStore } from './observeStore.ts'

/** `before commit claim`, `after sent dtp`: what the process is about to do, or has just done. */
export type Moment = `${'before' | 'after'} ${string}`
export type Tell = (moment: Moment) => void

/** A message is longer than anything else that is sealed. */
const shortestMessage = 100

/**
 * Tells each moment at which it matters whether a process lives on, while nothing of the moment after it has begun. It
 * watches what the exchange uses of Node: its listener, JSON, ciphers, database and HTTP client. Call it before the
 * exchange is imported.
 */
export function observe(tell: Tell): void {
  observeListener(tell)
  observeJson(tell)
  observeCiphers(tell)
  observeRequests(tell)
  observeStore(tell)
  observePostgres(tell)
}

function observeListener(tell: Tell): void {
  subscribe('net.server.socket', () => tell('before accept'))
  subscribe('http.server.request.start', () => tell('after accept'))
  subscribe('http.server.response.finish', (event) => {
    if (isAnswer(Object(event).response)) tell('after answer')
  })
  const { end } = http.ServerResponse.prototype
  Object.assign(http.ServerResponse.prototype, {
    end(this: http.ServerResponse, ...given: Parameters<typeof end>) {
      if (isAnswer(this)) tell('before answer')
      return end.apply(this, given)
    },
  })
}

/** 200 of the inbox, 202 of the admin API. */
function isAnswer({ req, statusCode }: http.ServerResponse): boolean {
  return req.method === 'POST' && (statusCode === 200 || statusCode === 202)
}

function observeJson(tell: Tell): void {
  const parse = JSON.parse
  JSON.parse = (text, reviver) => {
    const isMessage = typeof text === 'string' && text.startsWith('{"interventions"')
    if (isMessage) tell('before parse')
    const value: unknown = parse(text, reviver)
    if (isMessage) tell('after parse')
    return value
  }
}

function observeCiphers(tell: Tell): void {
  const { createCipheriv } = crypto
  const watched = (...given: Parameters<typeof createCipheriv>) => watchCipher(createCipheriv(...given), tell)
  Object.assign(crypto, { createCipheriv: watched })
  syncBuiltinESMExports()
}

function watchCipher(cipher: crypto.Cipher, tell: Tell): crypto.Cipher {
  const { update, getAuthTag } = cipher as crypto.CipherGCM
  let isMessage = false
  return Object.assign(cipher, {
    update(data: Buffer) {
      isMessage = data.byteLength > shortestMessage
      if (isMessage) tell('before encrypt')
      return Reflect.apply(update, cipher, [data])
    },
    getAuthTag() {
      const tag = getAuthTag.call(cipher)
      if (isMessage) tell('after encrypt')
      return tag
    },
  })
}

interface Request {
  readonly method: string
  readonly path: string
}

/**
 * undici's own channels. Reads of Primero are `look-up`; writes are `sent` when the last byte is with the kernel and
 * `read` when the last byte of the answer is here.
 */
function observeRequests(tell: Tell): void {
  const on = (channel: string, moment: (request: Request) => Moment | undefined) =>
    subscribe(channel, (event) => {
      const found = moment(Object(event).request)
      if (found !== undefined) tell(found)
    })
  const isRead = ({ method }: Request) => method === 'GET'
  on('undici:client:sendHeaders', (request) => `before ${isRead(request) ? 'look-up' : `sent ${systemOf(request)}`}`)
  on('undici:request:bodySent', (request) => (isRead(request) ? undefined : `after sent ${systemOf(request)}`))
  on('undici:request:headers', (request) => (isRead(request) ? undefined : `before read ${systemOf(request)}`))
  on('undici:request:trailers', (request) => `after ${isRead(request) ? 'look-up' : `read ${systemOf(request)}`}`)
}

function systemOf({ path }: Request): 'primero' | 'dtp' {
  return path.startsWith('/api/v2') ? 'primero' : 'dtp'
}
