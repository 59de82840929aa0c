import { today } from './calendar.ts'
import type { Specification } from './types.ts'

/** The mapping specification in force, as the API and the page tell it. */
export interface MappingState {
  readonly country: string
  readonly version: string
  readonly hash: string
  readonly draft: boolean
  readonly next: { readonly version: string; readonly from: string } | null
  /** When the files were first seen to be others than those that were loaded; null: they are the same. */
  readonly files_changed_at: string | null
}

/** The specification in force at an instant: the next one from the beginning of its day, in the country's time zone. */
export function specificationAt(specification: Specification, now: Date): Specification {
  const { next, settings } = specification
  if (next === undefined || today(now, settings.time_zone) < next.from) return specification
  return next.specification
}

/** `gambella v1 52c44e0fc01e`: how runs record by what they translated. */
export function mappingName({ country, version, hash }: Specification): string {
  return `${country} ${version} ${hash.slice(0, 12)}`
}
