import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import type { Project, Workflow } from '../project/types.ts'
import type { Accepted, NewEntry, Store } from '../store/types.ts'
import { answerJson } from './answer.ts'
import { readBody } from './body.ts'
import { type DescribeMessage, messageEntry } from './entry.ts'
import { createFailures } from './failures.ts'
import type { Guard } from './guard.ts'
import { mediaRefusal } from './media.ts'
import { readMessage } from './message.ts'
import { type Refusal, refusalBody, refusals } from './refusals.ts'
import { createScan } from './scan.ts'
import { isSigned, readClaim, type SignatureClaim } from './signature.ts'

/** Answers every request under `/i/`. Never throws. */
export type Inbox = (request: IncomingMessage, response: ServerResponse, address: string) => Promise<void>

interface InboxOptions {
  readonly workflows: Project['workflows']
  /** Asked at every message, because tokens change while the exchange runs. */
  readonly guard: () => Guard
  readonly store: Pick<Store, 'fingerprint'> & { readonly entries: Pick<Store['entries'], 'accept'> }
  readonly describeMessage: DescribeMessage
  /** Called after an entry was stored, so that the worker looks at once. */
  readonly wake: (entry?: string) => void
  readonly log: Log
  readonly metrics: Pick<Metrics, 'entriesAccepted' | 'entriesRepeated' | 'messagesRefused'>
  readonly now?: () => Date
}

export const maxBodyBytes = 10_485_760
export const maxBadTokensPerMinute = 1_000
/** Messages being received or stored at once, and the bytes that they may hold in memory together. */
export const maxMessagesAtOnce = 1_000
export const maxBytesAtOnce = 128 * 1024 * 1024
const storeRetryAfterSeconds = 30
const busyRetryAfterSeconds = 5

/**
 * `POST /i/WORKFLOW`: a message becomes an entry. 200 is said only when the store has it durably.
 *
 * The order of the checks is part of the contract: whoever has no token learns nothing, not even which workflows exist;
 * address, token and workflow are judged from the headers alone, before a byte of the body is read. Where messages are
 * signed, the signature is judged before the body is parsed.
 * A valid token is never held up by the bad tokens of others, even from the same address.
 */
export function createInbox(options: InboxOptions): Inbox {
  const { workflows, store, describeMessage, wake, log, metrics, now = () => new Date() } = options
  const failures = createFailures(maxBadTokensPerMinute)
  const held = { messages: 0, bytes: 0 }

  return async (request, response, address) => {
    const workflow = workflowOf(workflows, request.url ?? '')
    const refuse = (refusal: Refusal, headers: Readonly<Record<string, string>> = {}) => {
      const { status } = refusals[refusal]
      metrics.messagesRefused.inc({ reason: refusal })
      // Whoever is blocked goes on trying; the thousand lines that led there are enough.
      const level = refusal === 'too_many_failures' ? 'debug' : 'warn'
      log[level]('message refused', { workflow: workflow?.key, reason: refusal, status, address })
      answerJson(request, response, status, refusalBody(refusal), headers)
    }

    const { isAllowed, isToken, signingSecrets } = options.guard()
    const isKnown = isAllowed(address)
    if (!isKnown || !isToken(tokenOf(request))) {
      const blockedForSeconds = failures.blockedFor(address, now())
      if (blockedForSeconds !== undefined) {
        return refuse('too_many_failures', { 'retry-after': String(blockedForSeconds) })
      }
      failures.count(address, now())
      return refuse(isKnown ? 'unauthorized' : 'address_not_allowed')
    }
    if (workflow === undefined) return refuse('not_found')
    if (request.method !== 'POST') return refuse('method_not_allowed', { allow: 'POST' })
    if (!workflow.trigger.enabled) return refuse('trigger_disabled')
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return refuse('too_large')
    const media = mediaRefusal(request.headers)
    if (media !== undefined) return refuse(media)
    const signed = signingSecrets.length === 0 ? undefined : readClaim(request, now())
    if (signed?.refusal !== undefined) return refuse(signed.refusal)
    if (held.messages >= maxMessagesAtOnce) {
      return refuse('too_many_requests', { 'retry-after': String(busyRetryAfterSeconds) })
    }

    const size = { bytes: 0 }
    held.messages++
    try {
      await receive(workflow.key, size, signed?.claim)
    } catch (error) {
      log.error('unforeseen error', {
        workflow: workflow.key,
        error_name: error instanceof Error ? error.name : 'unknown',
      })
      if (!response.headersSent) refuse('unforeseen')
    } finally {
      held.messages--
      held.bytes -= size.bytes
    }

    async function receive(key: string, size: { bytes: number }, claim: SignatureClaim | undefined): Promise<void> {
      const scan = createScan()
      if (request.headers.expect !== undefined) response.writeContinue()
      const { bytes, refusal } = await readBody(request, (chunk) => {
        size.bytes += chunk.length
        held.bytes += chunk.length
        if (size.bytes > maxBodyBytes) return 'too_large'
        if (held.bytes > maxBytesAtOnce) return 'too_many_requests'
        return scan.take(chunk)
      })
      if (refusal === 'gone') return log.info('message refused', { workflow: key, reason: 'gone', address })
      if (refusal === 'too_many_requests') {
        return refuse(refusal, { 'retry-after': String(busyRetryAfterSeconds) })
      }
      if (refusal !== undefined) return refuse(refusal)

      if (claim !== undefined && !isSigned(signingSecrets, claim, bytes)) return refuse('signature_wrong')
      const message = readMessage(bytes, scan.keys())
      if (message.refusal !== undefined) return refuse(message.refusal)
      const { text, body } = message
      const entry = messageEntry(store, describeMessage, {
        workflow: key,
        text,
        body,
        deliveryId: claim?.id,
        now: now(),
      })
      const accepted = await accept(entry)
      if (accepted === undefined) {
        return refuse('store_unavailable', { 'retry-after': String(storeRetryAfterSeconds) })
      }
      const counter = accepted.repeated ? metrics.entriesRepeated : metrics.entriesAccepted
      counter.inc({ workflow: key })
      log.info(accepted.repeated ? 'entry repeated' : 'entry accepted', {
        entry: accepted.id,
        workflow: key,
        count: bytes.length,
      })
      answerJson(request, response, 200, JSON.stringify({ work_order_id: accepted.id }))
      if (!accepted.repeated) wake(accepted.id)
    }
  }

  async function accept(entry: NewEntry): Promise<Accepted | undefined> {
    try {
      return await store.entries.accept(entry)
    } catch (error) {
      log.error('store failed', {
        workflow: entry.workflow,
        error_name: error instanceof Error ? error.name : 'unknown',
      })
      return undefined
    }
  }
}

function tokenOf(request: IncomingMessage): string | undefined {
  const [token, ...more] = request.headersDistinct['x-api-key'] ?? []
  return more.length === 0 ? token : undefined
}

/** Keys may hold any character, so the path is decoded; a key is looked up as an own property only. */
function workflowOf(workflows: Project['workflows'], url: string): Workflow | undefined {
  const [path = ''] = url.split('?', 1)
  const key = decoded(path.slice('/i/'.length))
  if (key === undefined || !Object.hasOwn(workflows, key)) return undefined
  const workflow = workflows[key]
  return workflow?.trigger.type === 'webhook' ? workflow : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
