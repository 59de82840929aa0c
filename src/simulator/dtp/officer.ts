import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Json, JsonObject } from '../json.ts'

export interface InboxAnswer {
  readonly status: number
  /** Parsed JSON, or the text where it was none. */
  readonly body: unknown
}

/** Where DTP delivers: the webhook of the exchange. */
export interface Inbox {
  readonly url: string
  /** Sent as `x-api-key`. */
  readonly token: string
  /** PEM of a private authority that signed the inbox's certificate. */
  readonly ca?: string
}

/** A UNHCR officer at proGres, whose acts DTP delivers to the inbox. */
export interface Officer {
  /** Posts a `PrimeroOutgoingReferral` (or anything else) as it is. */
  sendReferral(inbox: Inbox, message: Json): Promise<InboxAnswer>
  /** Answers a referral that came from Primero; `referralId` is the `id` that DTP received. */
  decide(
    inbox: Inbox,
    referralId: string,
    decision: 'accepted' | 'rejected',
    reason?: RejectionReason,
    comment?: string,
  ): Promise<InboxAnswer>
}

export type RejectionReason = 'Individual Not Found' | 'Individual Not Match UNHCR ID' | 'Not applicable'

const decisions = { accepted: '125080000', rejected: '125080001' }
const reasons: Readonly<Record<RejectionReason, string>> = {
  'Individual Not Found': '125080000',
  'Individual Not Match UNHCR ID': '125080001',
  'Not applicable': '125080002',
}

export const officer: Officer = {
  sendReferral: (inbox, message) => post(inbox, message),
  decide: (inbox, referralId, decision, reason, comment) =>
    post(inbox, decisionMessage(referralId, decision, reason, comment, new Date())),
}

/**
 * `PrimeroIncomingReferralDecision` with proGres' own spelling of its attributes.
 *
 * @source docs/systems.md §DTP/decision-in
 */
export function decisionMessage(
  referralId: string,
  decision: 'accepted' | 'rejected',
  reason: RejectionReason | undefined,
  comment: string | undefined,
  now: Date,
): JsonObject {
  return {
    interventions: [
      {
        progres_interoperabilityreferralid: randomUUID(),
        progres_interoperabilityreferralnumber: 'REF-IOP-989-000000112',
        progres_orgreferralid: referralId,
        progres_reviewdecision: decisions[decision],
        progres_reviewby: randomUUID(),
        progres_reviewdate: `${now.toISOString().slice(0, 10)}T00:00:00Z`,
        progres_individualid: randomUUID(),
        ...(reason === undefined ? {} : { progres_interoperabiltyreferralrejectionreason: reasons[reason] }),
        ...(comment === undefined ? {} : { progres_interoperabilityreferralrejectionomment: comment }),
        progres_interoperabilityreferralrouteto: '125080001',
        progres_interventiontype: randomUUID(),
      },
    ],
    request_type: 'PrimeroIncomingReferralDecision',
  }
}

function post(inbox: Inbox, message: Json): Promise<InboxAnswer> {
  const body = JSON.stringify(message)
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-api-key': inbox.token,
  }
  const send = inbox.url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(inbox.url, { method: 'POST', headers, ...(inbox.ca ? { ca: inbox.ca } : {}) }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
