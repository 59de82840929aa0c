import { createHash } from 'node:crypto'
import type { Admission } from '../adaptors/http/admission.ts'
import { loginRefused } from '../adaptors/language-primero/token.ts'
import type { Log } from '../log/log.ts'
import type { RunEnvironment } from '../project/environment.ts'
import { createPermitHolder } from '../run/permits.ts'
import type { Store } from '../store/types.ts'

/** Name under which the store stops work with Primero when it refuses our credentials. */
const primeroAccount = 'primero'
/** Six refusals in a row lock the account for everybody, for half an hour: a start may cost the fifth, never the sixth. */
const mostRefusals = 5
const lockedForMs = 30 * 60_000

/** Long enough for each of ten processes to have its turn, short enough for a run to end when a system is silent. */
const waitMs = 30_000

type Systems = Pick<RunEnvironment, 'primero' | 'dtp'>

interface Options {
  readonly store: Store
  readonly environment: Systems
  readonly log: Log
  readonly now: () => Date
}

/**
 * Requests in flight to the two systems, bounded over all processes that share the store, and the stop after a 401.
 *
 * However many processes there are, Primero refuses credentials at most as often as there are permits: each permit is
 * with one process at a time, a process that was refused writes the stop before it gives its permits back, and whoever
 * takes one looks for a stop before using it. Credentials that no process has seen accepted in the last half hour are
 * tried by one request at a time in all of them, so wrong ones cost a single login.
 */
export function createAdmissions(options: Options): (system: 'primero' | 'dtp') => Admission {
  const admissions = { primero: admissionToPrimero(options), dtp: admissionToDtp(options) }
  return (system) => admissions[system]
}

function admissionToDtp({ store, environment, now }: Options): Admission {
  const holder = createPermitHolder({ permits: store.permits, name: 'DTP', limit: environment.dtp.concurrency, now })
  return { enter: ({ signal }) => holder.enter({ waitMs, signal }), refused: async () => {}, accepted: async () => {} }
}

function admissionToPrimero({ store, environment, log, now }: Options): Admission {
  const { permits, stops } = store
  const fingerprint = accountFingerprint(store, environment)
  let isUnwritten = false

  const writeStop = async () => {
    await stops.stop(primeroAccount, fingerprint, now())
    isUnwritten = false
  }
  /** Also where the store could not take the stop at once: nothing is sent before it has it. */
  const refuseStopped = async () => {
    if (isUnwritten) await writeStop()
    if ((await stops.stopped(primeroAccount, fingerprint)) !== undefined) throw loginRefused()
  }
  const alone = createPermitHolder({
    permits,
    name: 'Primero, with credentials not yet accepted,',
    limit: 1,
    lingerMs: 0,
    admit: refuseStopped,
    now,
  })
  const holder = createPermitHolder({
    permits,
    name: 'Primero',
    limit: environment.primero.concurrency,
    admit: refuseStopped,
    now,
  })

  /** Whoever waited behind the request that settled it goes on without it. */
  const enterAlone = async (waiting: Parameters<typeof alone.enter>[0]) => {
    const isAccepted = () => stops.accepted(primeroAccount, fingerprint)
    if (await isAccepted()) return undefined
    const leave = await alone.enter(waiting)
    if (!(await isAccepted().catch(() => false))) return leave
    leave()
    return undefined
  }

  return {
    async enter({ unproven, signal }) {
      const waiting = { waitMs, signal }
      const leaveAlone = unproven ? await enterAlone(waiting) : undefined
      try {
        const leave = await holder.enter(waiting)
        return () => {
          leave()
          leaveAlone?.()
        }
      } catch (error) {
        leaveAlone?.()
        throw error
      }
    },
    async refused() {
      log.error('credentials stopped', { system: primeroAccount })
      holder.forfeit()
      isUnwritten = true
      await writeStop().catch(() => log.error('store failed', { system: primeroAccount }))
    },
    async accepted() {
      // Without it, refusals that came before go on counting.
      await stops
        .accept(primeroAccount, fingerprint, now())
        .catch(() => log.warn('store failed', { system: primeroAccount }))
    },
  }
}

/** True while Primero refused these very credentials and nobody changed them or called `exchange start` anew. */
export async function isStopped(store: Store, environment: Systems): Promise<boolean> {
  return (await store.stops.stopped(primeroAccount, accountFingerprint(store, environment))) !== undefined
}

/**
 * A start is a person's word that refused credentials may be tried again; what they held up goes on if they changed.
 * Not of this start: a stop that another process wrote while this one began. Not when the account is near its lock.
 *
 * @param began  when this process did
 */
export async function beginAnew(store: Store, environment: Systems, began: Date, now: Date): Promise<void> {
  const fingerprint = accountFingerprint(store, environment)
  await store.stops.lift(primeroAccount, fingerprint, {
    stoppedBefore: began,
    mostRefusals,
    forgetBefore: new Date(now.getTime() - lockedForMs),
  })
  if (!(await store.stops.replace(primeroAccount, fingerprint))) return
  for (const entry of await store.entries.list({ state: 'stuck', limit: 500 })) {
    if (entry.code === 'CREDENTIALS_REFUSED') await store.entries.replay(entry.id, now)
  }
}

/** Keyed, so that nobody can try passwords against it. */
function accountFingerprint(store: Store, { primero: { url, user, password } }: Systems): string {
  return store.fingerprint(
    createHash('sha256')
      .update(JSON.stringify([url, user, password]))
      .digest('hex'),
  )
}
