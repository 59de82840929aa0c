import type { Settings } from '../mapping/types.ts'
import type { LoadContext } from '../run/job.ts'
import type { OldNames } from '../run/script/load.ts'

/** What the scripts of OpenFn's first platform and of old adaptors find without importing it. */
export const oldNames: OldNames = {}

/** Names for a job whose settings say that its script is an old one (`jobs.<job>.legacy`); undefined for all others. */
export function oldNamesOf(job: string, { jobs }: Settings): OldNames | undefined {
  return jobs[job]?.legacy === true ? oldNames : undefined
}

/** The same, as a job is loaded with it. */
export function withOldNames(job: string, settings: Settings): Pick<LoadContext, 'oldNames'> {
  const names = oldNamesOf(job, settings)
  return names === undefined ? {} : { oldNames: names }
}
