import { exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { PrimeroClient } from '../adaptors/language-primero/client.ts'
import type { Code } from '../errors/codes.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { today } from '../mapping/calendar.ts'
import { referralOut } from '../referral/referralOut.ts'
import { primeroOf, type State, withGatewayCredential } from './connections.ts'
import { postToDtp } from './dtp.ts'
import { eachRecord, type Outage } from './eachRecord.ts'
import { createUsers, look, type Users } from './lastLook.ts'
import { failureOutcome, gatewayFailure } from './outcomes.ts'
import { moveCursor } from './pollCases.ts'
import { type FoundReferral, referralEffect, referralsCursor } from './pollReferrals.ts'

/**
 * Sends each of `state.referrals` to DTP, once ever, after a last look at the case, its consent and the referral.
 *
 * What may not go (no consent, revoked, a service that is not agreed, …) stays here with its code, no retry of it is due
 * any more, and it is looked at again when the case changes. What got no answer is in doubt and not sent again, unless the country knows that proGres
 * recognises a repeat (`dtp.repeat_is_safe`).
 */
export function sendReferrals() {
  return async (state: State & { referrals: readonly FoundReferral[] }): Promise<State> => {
    const client = primeroOf(state)
    const users = createUsers(client)
    const gateway = withGatewayCredential(state)
    await eachRecord(state.referrals, { atOnce: 8, keyOf: ({ caseId }) => caseId }, async (found, outage) => {
      const ids = { case: found.caseId, referral: found.referralId, effect: referralEffect(found.referralId) }
      exchange().outcome({ ...(await send(found, { client, users, gateway, outage })), ids })
    })
    await moveCursor(referralsCursor, state.cursor)
    return { ...state, referrals: [] }
  }
}

interface Sending {
  readonly client: PrimeroClient
  readonly users: Users
  readonly gateway: State
  readonly outage: Outage
}

/** A referral leaves at most so long after its consent was read; where its turn comes later, consent is read again. */
const freshMs = 2_000
/** Readings that are older than that when they are there, or looks that find another case each, and then a later attempt. */
const mostLooks = 3

async function send(found: FoundReferral, sending: Sending, looks = 1): Promise<RecordOutcome> {
  const { referralId: key } = found
  const { specification, ledger, reason, fingerprint } = exchange()
  const repeat = specification.settings.dtp.repeat_is_safe ? 'harmless' : 'harmful'
  // Before anything else: that it may be with UNHCR matters also when it may not go any more.
  if (repeat === 'harmful' && (await ledger.isInDoubt(referralEffect(key))))
    return { key, outcome: 'in_doubt', code: 'IN_DOUBT', alert: true }
  let out: Ready | Held
  try {
    out = await readNow(found, sending)
  } catch (error) {
    return failureOutcome(key, error)
  }
  if ('held' in out) return { key, outcome: 'refused', code: out.held }
  const before = await ledger.find(referralEffect(key))
  // The same body would be refused again; a person's asking, or a case that changed, is another matter.
  const isRefusedBefore = before?.state === 'refused' && before.fingerprint === fingerprint(out.body)
  if (isRefusedBefore && reason !== 'manual') return { key, outcome: 'refused', code: 'REFERRAL_REFUSED' }
  const ready = out
  const stale = changedMeanwhile()
  try {
    const options = { repeat, fact: ready.body, detail: found.caseId, witnessed: true } as const
    const sent = await ledger.once(referralEffect(key), options, async () => {
      const lastLook = () => lookAgain(ready, found, sending, stale)
      await sending.outage.guard(() => postToDtp(sending.gateway, 'ReceiveIncomingReferral', ready.body, lastLook))
      return { value: undefined }
    })
    return {
      key,
      outcome: sent.is === 'done' ? 'delivered' : 'unchanged',
      code: sent.is === 'done' ? 'DELIVERED' : 'ALREADY_DELIVERED',
    }
  } catch (error) {
    if (error !== stale) return gatewayFailure(key, error, 'REFERRAL_REFUSED')
    if (looks < mostLooks) return send(found, sending, looks + 1)
    return { key, outcome: 'waiting', code: 'REMOTE_DOWN', next: 'later' }
  }
}

interface Ready {
  readonly body: Readonly<Record<string, unknown>>
  readonly readAtMs: number
}

interface Held {
  readonly held: Code
}

async function readNow(found: FoundReferral, sending: Sending): Promise<Ready | Held> {
  const seen = await look(found, sending)
  const { specification, now } = exchange()
  if (seen.case === undefined || seen.referral === undefined) return { held: 'REFERRAL_NOT_OPEN' }
  if (seen.case.enabled === false) return { held: 'CASE_DISABLED' }
  const { case: caseRow, referral, contact, readAtMs } = seen
  const day = today(now(), specification.settings.time_zone)
  const out = referralOut({ caseRow, referral, contact }, specification, day)
  return 'held' in out ? out : { body: out.body, readAtMs }
}

/**
 * When the post's turn has come: what was read may be old by then, because others were before it.
 *
 * @throws `stale` when something else would have to be sent by now, or nothing; then it is begun anew
 */
async function lookAgain(ready: Ready, found: FoundReferral, sending: Sending, stale: ExchangeError): Promise<void> {
  let { readAtMs } = ready
  for (let looks = 0; performance.now() - readAtMs > freshMs; looks++) {
    if (looks === mostLooks) throw stale
    const out = await readNow(found, sending).catch((error: unknown) => {
      throw unsent(error)
    })
    if ('held' in out || exchange().fingerprint(out.body) !== exchange().fingerprint(ready.body)) throw stale
    readAtMs = out.readAtMs
  }
}

/** `never`, so that it says nothing about DTP; whoever catches it begins anew. */
function changedMeanwhile(): ExchangeError {
  return new ExchangeError('The case changed while its referral waited to be sent.', {
    code: 'REMOTE_DOWN',
    retry: 'never',
    reach: 'not_reached',
  })
}

/** Whatever is unsure about reading the case, nothing is about the post: it was not begun. */
function unsent(error: unknown): ExchangeError {
  if (!(error instanceof ExchangeError)) {
    exchange().bug(error)
    return new ExchangeError('The last look before the post failed.', {
      code: 'UNFORESEEN',
      retry: 'never',
      reach: 'not_reached',
    })
  }
  const { code, retry, hint, retryAfterMs, status } = error
  return new ExchangeError('The last look before the post failed.', {
    code,
    retry,
    reach: 'not_reached',
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === undefined ? {} : { status }),
  })
}
