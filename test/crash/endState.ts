import type { Row } from './rows.ts'
import type { Site } from './site.ts'

/** The ids by which one child is known; none of them names another child. */
export interface Child {
  readonly number: number
  readonly interventionNumber?: string
  /** Primero's ids. */
  readonly caseId?: string
  readonly referralId?: string
  /** How UNHCR names the referral. */
  readonly dtpId?: string
}

/** What is left of one child when all has come to rest, with what differs from child to child and from run to run left out. */
export interface EndState {
  readonly cases: readonly unknown[]
  readonly referrals: readonly unknown[]
  /** Different messages that DTP received; how often each is `told`. */
  readonly dtp: readonly unknown[]
  readonly told: readonly number[]
  readonly effects: readonly unknown[]
  readonly records: readonly unknown[]
  readonly alerts: readonly unknown[]
  /** How its entries differ. */
  readonly entries: readonly unknown[]
  /** What their last runs said. */
  readonly outcomes: readonly unknown[]
  /** Runs without end, payloads, keys and locks. */
  readonly leftovers: number
  /** Names of those that went back, or that are beyond Primero's last change and would skip one. */
  readonly wrongCursors: readonly unknown[]
}

/** The store before something was asked of the exchange. */
export interface Before {
  readonly lastEntry: number
  readonly cursors: readonly Row[]
}

export function beforehand(site: Site): Before {
  return {
    lastEntry: Number(site.rows('select coalesce(max(seq), 0) as seq from entries')[0]?.seq),
    cursors: site.rows(cursors),
  }
}

export function endStateOf(site: Site, child: Child, { lastEntry, cursors: cursorsBefore }: Before): EndState {
  const plain = <T>(value: T): T => JSON.parse(withoutIds(JSON.stringify(value), child))
  const messages = site.dtp.received
    .filter(({ body }) => isAbout(child, body))
    .map(({ operation, body, status }) => plain({ operation, body, status }))
  const kinds = distinct(messages)
  return {
    cases: casesOf(site, child).map(({ services_section, ...fields }) =>
      plain({ ...fields, services: services_section }),
    ),
    referrals: site.primero.content
      .referrals()
      .filter(({ id }) => id === child.referralId)
      .map((referral) => plain(referral)),
    dtp: kinds,
    told: kinds.map((kind) => messages.filter((message) => same(message, kind)).length),
    effects: site
      .rows('select key, state, fingerprint is not null as told, detail is not null as noted from ledger order by key')
      .filter((row) => isAbout(child, row))
      .map(plain),
    records: site
      .rows('select workflow, key, outcome, code, ids, due_at is not null as due from records order by key')
      .filter((row) => isAbout(child, row))
      .map(plain),
    alerts: site
      .rows(`select distinct what, workflow, record from activity where level = 'alert' order by what`)
      .filter((row) => isAbout(child, row))
      .map(plain),
    entries: distinct(
      site.rows(
        `select workflow, kind, state, code, due_at, same_as is not null as known from entries where seq > ${lastEntry}`,
      ),
    ),
    outcomes: distinct(
      site
        .rows(
          `select key, outcome, code from run_records where run_id in (select id from runs where seq in
            (select max(runs.seq) from runs join entries on entries.id = entry_id where entries.seq > ${lastEntry}
              group by entry_id))`,
        )
        .filter((row) => isAbout(child, row))
        .map(({ key, outcome, code }) =>
          // An earlier run of the entry, or another one, may have delivered what the last one found delivered.
          plain(arrived.has(String(outcome)) ? { key, arrived: true } : { key, outcome, code }),
        ),
    ),
    leftovers: Number(site.rows(leftovers)[0]?.n),
    wrongCursors: wrongCursors(site, cursorsBefore),
  }
}

/** A new child's case, or one that was there; the service row names the intervention. */
function casesOf({ primero }: Site, { caseId, interventionNumber }: Child): readonly Row[] {
  return [...primero.content.cases()].filter(
    ({ id, services_section }) =>
      id === caseId ||
      (interventionNumber !== undefined && JSON.stringify(services_section ?? []).includes(interventionNumber)),
  )
}

function isAbout({ interventionNumber, referralId, caseId, dtpId }: Child, value: unknown): boolean {
  const text = JSON.stringify(value)
  return [interventionNumber, referralId, caseId, dtpId].some((id) => id !== undefined && text.includes(id))
}

const arrived = new Set(['delivered', 'unchanged'])

const leftovers = `select (select count(*) from runs where state in ('available', 'started'))
  + (select count(*) from payloads) + (select count(*) from keys where kind = 'day')
  + (select count(*) from entry_locks) as n`

const cursors = `select name, value from cursors where name not like 'cron:%' order by name`

function wrongCursors(site: Site, before: readonly Row[]): readonly Row[] {
  const changes = [...site.primero.content.cases()].map((one) => Date.parse(String(one.last_updated_at)))
  const begun = Math.max(...site.primero.requests.map(({ at }) => Date.parse(at)))
  return site.rows(cursors).filter(({ name, value }) => {
    const at = Date.parse(String(value))
    const was = before.find((row) => row.name === name)?.value
    return at > Math.max(begun, ...changes) || (was !== undefined && at < Date.parse(String(was)))
  })
}

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g

function withoutIds(text: string, { number }: Child): string {
  return text
    .replaceAll(uuid, '<id>')
    .replaceAll(/#[0-9a-f]{12}/g, '#<id>')
    .replaceAll(/"(short_id|case_id_display)":"[0-9a-f]{7}"/g, '"$1":"<id>"')
    .replaceAll(time, '<time>')
    .replaceAll(new RegExp(`0*${number}`, 'g'), '<number>')
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, index) => values.findIndex((other) => same(other, value)) === index)
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
