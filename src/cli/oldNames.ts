import type { Settings } from '../mapping/types.ts'
import type { LoadContext } from '../run/job.ts'
import type { OldNames } from '../run/script/load.ts'

/** Names for a job whose settings say that its script is an old one (`jobs.<job>.legacy`); undefined for all others. */
export function oldNamesOf(job: string, { jobs }: Settings): OldNames | undefined {
  return jobs[job]?.legacy === true ? {} : undefined
}

/** The same, as a job is loaded with it. */
export function withOldNames(job: string, settings: Settings): Pick<LoadContext, 'oldNames'> {
  const oldNames = oldNamesOf(job, settings)
  return oldNames === undefined ? {} : { oldNames }
}
