import type { Code } from '../../../errors/codes.ts'
import { idOf, isRow, type Row } from '../../untrusted.ts'
import { plainRow } from './row.ts'

export type MessageKind = 'referrals' | 'decisions' | 'unknown'

export interface Message {
  readonly requestType?: string
  readonly kind: MessageKind
  /** Readable rows with the attribute names of today (`row.ts`), in the message's order. */
  readonly rows: readonly Row[]
  /** Rows that are no object or have no number, so that nobody can be told about them. */
  readonly unreadable: number
}

const kinds: Readonly<Record<string, MessageKind>> = {
  PrimeroOutgoingReferral: 'referrals',
  PrimeroIncomingReferralDecision: 'decisions',
}

/**
 * Reads a message of DTP in every shape seen: `{interventions, request_type}`, the same under `data`, a bare array, the
 * result of a Dynamics query as JSON, and the attribute names of 2021. Never throws, whatever arrives.
 *
 * The surprise: proGres speaks from its own side, so `PrimeroOutgoingReferral` brings referrals to us. Decisions on
 * ours come in `interventions` too. Any other `request_type`, the draft names included, is of kind `unknown`.
 *
 * @source docs/systems.md §DTP/referral-in, §DTP/decision-in, §DTP/variants
 */
export function readMessage(body: unknown): Message {
  const { requestType, list } = openEnvelope(body)
  const kind = (requestType !== undefined && Object.hasOwn(kinds, requestType) && kinds[requestType]) || 'unknown'
  const rows = list.map(plainRow).filter((row) => row !== undefined && rowKey(kind, row) !== undefined)
  return {
    ...(requestType === undefined ? {} : { requestType }),
    kind,
    rows: rows.filter(isRow),
    unreadable: list.length - rows.length,
  }
}

/** The code with which a message ends up with a person, if it does; its good rows are processed all the same. */
export function messageProblem(message: Message): Code | undefined {
  if (message.kind === 'unknown' || message.rows.length === 0) return 'MESSAGE_UNRECOGNISED'
  return message.unreadable > 0 ? 'MESSAGE_PARTLY_UNREADABLE' : undefined
}

/**
 * The key of a row's record: the intervention number, or the id of our referral that a decision answers.
 * `undefined` where it is missing or cannot be an id (a text that may be anything must not become a key).
 */
export function rowKey(kind: MessageKind, row: Row): string | undefined {
  const number = idOf(row.progres_interventionnumber)
  const referralId = idOf(row.progres_orgreferralid)
  if (kind === 'referrals') return number
  return kind === 'decisions' ? referralId : (number ?? referralId)
}

export interface Envelope {
  readonly requestType?: string
  /** Rows as they came. */
  readonly list: readonly unknown[]
}

/**
 * Takes off the wrapping. The outer `request_type` counts, else the inner one, compared letter by letter: the same
 * message that project.yaml's conditions see.
 */
export function openEnvelope(body: unknown): Envelope {
  if (Array.isArray(body)) return { list: body }
  if (!isRow(body)) return { list: [] }
  const inner = isRow(body.data) ? body.data : {}
  const requestType = body.request_type ?? inner.request_type
  const list = listIn(body.interventions ?? body.result ?? inner.interventions ?? inner.result)
  const found = list ?? (Array.isArray(body.data) ? body.data : [])
  return typeof requestType === 'string' ? { requestType, list: found } : { list: found }
}

/** Converters from XML write a list of one as the one. */
function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  return isRow(value) ? [value] : undefined
}
