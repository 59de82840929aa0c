/** A day, and where one was written a time, as it was written. */
export interface Stamp {
  /** `YYYY-MM-DD`, a day that exists. */
  readonly day: string
  /** Milliseconds since midnight of that day; absent: a plain day. */
  readonly timeMs?: number
  /** Minutes east of UTC; absent: not written. */
  readonly offsetMinutes?: number
}

const dayMs = 86_400_000

/** Older days are what databases write for "no date": 0001-01-01, 1900-01-01. */
const earliest = '1900-01-02'

/**
 * Reads a day or a stamp without ever asking the machine where it is: `2012-03-04`, `2012/3/4`,
 * `2012-03-04T21:00:00.0Z`, with an offset or without a zone, and `04-Mar-2012` as Primero shows it to people.
 *
 * Undefined for anything else: a day that does not exist (2012-02-30), a year of five digits, a day up to 1900-01-01,
 * and `04/03/2012`, which is two different days in two countries.
 */
export function readStamp(text: string): Stamp | undefined {
  const iso = isoStamp.exec(text)
  if (iso !== null) {
    const [, year, month, dayOfMonth, hours, minutes, seconds, fraction, zone] = iso
    const day = existing(Number(year), Number(month), Number(dayOfMonth))
    if (day === undefined || hours === undefined) return day === undefined ? undefined : { day }
    const timeMs = clock(Number(hours), Number(minutes), Number(seconds ?? 0), Number(`0.${fraction ?? 0}`))
    if (timeMs === undefined) return undefined
    return zone === undefined ? { day, timeMs } : { day, timeMs, offsetMinutes: offset(zone) }
  }
  const [, dayOfMonth, name, year] = spelled.exec(text) ?? []
  const month = months.indexOf(String(name).toLowerCase()) + 1
  const day = month === 0 ? undefined : existing(Number(year), month, Number(dayOfMonth))
  return day === undefined ? undefined : { day }
}

/**
 * The calendar day that a stamp means. Without a cut-off: the day as written. With one (`12:00Z`): a stamp at or after
 * that time of the UTC day means the following day, because a birth at local midnight east of Greenwich is stored as the
 * evening before. A plain day stays. A stamp without a zone counts as UTC.
 *
 * @source docs/systems.md §DTP/variants
 */
export function dayMeant(stamp: Stamp, cutoff: string | undefined): string {
  if (cutoff === undefined || stamp.timeMs === undefined) return stamp.day
  const [hours, minutes] = cutoff.split(':').map((part) => Number.parseInt(part, 10))
  const cutoffMs = ((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000
  const instant = instantOf(stamp)
  const midnight = Math.floor(instant / dayMs) * dayMs
  return isoDay(instant - midnight >= cutoffMs ? midnight + dayMs : midnight)
}

/** Milliseconds since 1970, UTC. A plain day counts as its first moment, a stamp without a zone as UTC. */
export function instantOf({ day, timeMs = 0, offsetMinutes = 0 }: Stamp): number {
  return Date.parse(`${day}T00:00:00Z`) + timeMs - offsetMinutes * 60_000
}

/** Whole years between two days, `YYYY-MM-DD`, by calendar: a birthday counts from that day on, 29 February from 1 March. */
export function ageOn(birth: string, today: string): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4))
  return today.slice(5) < birth.slice(5) ? years - 1 : years
}

/** The day it is in a time zone, `YYYY-MM-DD`. */
export function today(now: Date, timeZone: string): string {
  const known = clocks.get(timeZone)
  const dayIn = known ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  if (known === undefined) clocks.set(timeZone, dayIn)
  return dayIn.format(now)
}

/** Making one takes a thousand times as long as asking it. */
const clocks = new Map<string, Intl.DateTimeFormat>()

const isoStamp =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?$/
const spelled = /^(\d{1,2})[- ]([A-Za-z]{3})[- ](\d{4})$/
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function existing(year: number, month: number, dayOfMonth: number): string | undefined {
  const at = new Date(Date.UTC(year, month - 1, dayOfMonth))
  const exists = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === dayOfMonth
  if (!exists) return undefined
  const day = isoDay(at.getTime())
  return day < earliest ? undefined : day
}

function clock(hours: number, minutes: number, seconds: number, fraction: number): number | undefined {
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(fraction * 1000)
}

function offset(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

function isoDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}
