import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import { fingerprint } from '../mapping/fingerprint.ts'
import { type MappingState, specificationAt } from '../mapping/inForce.ts'
import type { Specification } from '../mapping/types.ts'
import type { Store } from '../store/types.ts'

interface Watched {
  readonly root: string
  /** As loaded when the process began. */
  readonly specification: Specification
  readonly store: Pick<Store, 'activity'>
  readonly log: Log
  readonly metrics: Pick<Metrics, 'alerts'>
  readonly now: () => Date
}

/**
 * Looks whether the files of the mapping specification are still those that were loaded. Changed ones are not taken over:
 * what was loaded stays in force until the process starts anew and has checked them. That is said once, by an alert.
 */
export async function createMappingWatch({ root, specification, store, log, metrics, now }: Watched): Promise<{
  readonly look: () => Promise<void>
  readonly state: () => MappingState
}> {
  const loaded = await fingerprint(root, specification)
  let changedAt: string | null = null
  return {
    async look() {
      const isChanged = (await fingerprint(root, specification)) !== loaded
      if (isChanged === (changedAt !== null)) return
      if (!isChanged) {
        changedAt = null
        return
      }
      const at = now().toISOString()
      changedAt = at
      const { country, version } = specificationAt(specification, now())
      const what = 'MAPPING_CHANGED'
      log.warn('alert', { code: what, country, mapping_version: version })
      metrics.alerts.inc({ code: what })
      await store.activity.add({ at, level: 'alert', what, workflow: null, entry: null, run: null, record: null })
    },
    state() {
      const { country, version, hash, draft } = specificationAt(specification, now())
      const { next } = specification
      const isToCome = next !== undefined && next.specification.version !== version
      return {
        country,
        version,
        hash,
        draft: draft === true,
        next: isToCome ? { version: next.specification.version, from: next.from } : null,
        files_changed_at: changedAt,
      }
    },
  }
}
