import { type Check, counted, fail, ok } from './row.ts'

export interface ConfigurationEvidence {
  /** A line each, as `exchange check` prints them. */
  readonly problems: readonly string[]
}

export const configurationChecks: readonly Check<ConfigurationEvidence>[] = [
  {
    id: 'check',
    about: 'project, mapping and variables',
    hint: 'exchange check prints all of it; mend it first, since nothing else was looked at.',
    judge: ({ problems }) =>
      problems.length > 0
        ? fail(`${counted(problems.length, 'problem')}: ${problems.slice(0, 3).join('; ').replace(/\s+/g, ' ')}`)
        : ok('no problem'),
  },
]
