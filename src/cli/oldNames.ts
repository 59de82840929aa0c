import { http } from '../adaptors/legacy/http.ts'
import { patch, post, put } from '../adaptors/legacy/http6.ts'
import type { Settings } from '../mapping/types.ts'
import { splitSpecifier } from '../project/adaptor-rule.ts'
import type { Job } from '../project/types.ts'
import type { LoadContext } from '../run/job.ts'
import type { OldNames } from '../run/script/load.ts'

/**
 * What an old script finds under old names. The Primero adaptor takes the old forms of its own operations by itself
 * (`getCases(query, callback)`, `updateReferrals({ externalId, … })`, `createCase({ data })`).
 */
export function oldNames({ adaptor }: Job): OldNames {
  return splitSpecifier(adaptor).name === '@openfn/language-http' ? { http, post, put, patch } : { http }
}

/** Names for a job whose settings say that its script is an old one (`jobs.<job>.legacy`); undefined for all others. */
export function oldNamesOf(job: Job, { jobs }: Settings): OldNames | undefined {
  return jobs[job.key]?.legacy === true ? oldNames(job) : undefined
}

/** The same, as a job is loaded with it. */
export function withOldNames(job: Job, settings: Settings): Pick<LoadContext, 'oldNames'> {
  const names = oldNamesOf(job, settings)
  return names === undefined ? {} : { oldNames: names }
}
