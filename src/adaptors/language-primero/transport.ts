import { Agent } from 'undici'
import type { ExchangeError } from '../../errors/ExchangeError.ts'
import { isReset, isTimeOut, networkFailure } from '../http/networkFailure.ts'
import type { Account } from './configuration.ts'

export type Headers = Readonly<Record<string, string | string[] | undefined>>

export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

export type Incoming =
  | {
      readonly is: 'answer'
      readonly status: number
      readonly headers: Headers
      /** `undefined`: the body broke off or is larger than `maxBodyBytes`. */
      readonly text: string | undefined
    }
  /** `reset`: the connection broke before anything of the answer came. `silent`: it ran out of time. */
  | { readonly is: 'failure'; readonly how: 'reset' | 'silent' | 'aborted' | 'other'; readonly error: ExchangeError }

/** One Primero over one pool of connections. */
export interface Transport {
  send(outgoing: Outgoing): Promise<Incoming>
  close(): Promise<void>
}

/** A page of 1,000 cases with every field is about a tenth of this. */
const maxBodyBytes = 50 * 1024 * 1024

/**
 * HTTP/1.1 with keep-alive to one Primero; follows no redirect, never rejects.
 *
 * `timeoutMs` bounds the wait for the headers and each silence within the body; the whole answer may take twice as long,
 * so that a body that drips cannot hold a run.
 */
export function createTransport({ timeoutMs, concurrency, connect }: Account): Transport {
  const agent = new Agent({
    ...(connect === undefined ? {} : { connect }),
    connections: concurrency,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return { send: (outgoing) => send(agent, outgoing, 2 * timeoutMs), close: () => agent.destroy() }
}

function send(agent: Agent, { method, url, headers, body, signal }: Outgoing, deadlineMs: number): Promise<Incoming> {
  const { origin, pathname, search } = new URL(url)
  return new Promise((resolve) => {
    let sent = false
    let status: number | undefined
    let answered: Headers = {}
    let size = 0
    const chunks: Buffer[] = []
    let hangUp: (() => void) | undefined

    const settle = (incoming: Incoming) => {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', abort)
      resolve(incoming)
    }
    const answer = (text: string | undefined): Incoming =>
      status === undefined
        ? failure(new Error('no status'), 'other', sent)
        : { is: 'answer', status, headers: answered, text }
    const giveUp = (how: 'silent' | 'aborted') => {
      settle(failure(Object.assign(new Error('given up'), { code: 'UND_ERR_ABORTED' }), how, sent))
      hangUp?.()
    }
    const abort = () => giveUp('aborted')
    const deadline = setTimeout(() => giveUp('silent'), deadlineMs)
    signal?.addEventListener('abort', abort, { once: true })

    agent.dispatch(
      { origin, path: `${pathname}${search}`, method, headers, body: body ?? null },
      {
        // The first sign that there is a connection; what fails before this was not sent.
        onRequestStart(controller) {
          hangUp = () => controller.abort(new Error('given up'))
          sent = true
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          status = statusCode
          answered = responseHeaders
        },
        onResponseData(_controller, chunk) {
          size += chunk.length
          if (size <= maxBodyBytes) return void chunks.push(chunk)
          settle(answer(undefined))
          hangUp?.()
        },
        onResponseEnd() {
          settle(answer(Buffer.concat(chunks).toString('utf8')))
        },
        onResponseError(_controller, error) {
          const silent = isTimeOut(error)
          if (status !== undefined && !silent) return settle(answer(undefined))
          settle(failure(error, silent ? 'silent' : sent && isReset(error) ? 'reset' : 'other', sent))
        },
      },
    )
  })
}

function failure(error: Error, how: 'reset' | 'silent' | 'aborted' | 'other', sent: boolean): Incoming {
  const authorityHint = 'Set NODE_EXTRA_CA_CERTS to the file of that authority if it is a private one you trust.'
  return { is: 'failure', how, error: networkFailure(error, { system: 'Primero', sent, authorityHint }) }
}
