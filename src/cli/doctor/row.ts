/** `ok`: looked at and right. `fail`: to be mended before children's data passes. `sign`: only a person can say. */
export type State = 'ok' | 'fail' | 'sign'

export interface Verdict {
  readonly state: State
  /** What was found, with what was looked at: evidence, no secret and nobody's data. */
  readonly found: string
}

/** One row of the checklist: a judgement about evidence that was gathered before. */
export interface Check<Evidence> {
  /** Number of the requirement: `C1` to `C9`, or a word for what the pilot's list does not number. */
  readonly id: string
  readonly about: string
  /** What to do when it fails. */
  readonly hint: string
  readonly judge: (evidence: Evidence) => Verdict
}

export interface Row extends Verdict {
  readonly id: string
  readonly about: string
  readonly hint?: string
}

/** Evidence that could not be had, and why: every row that needs it fails. */
export interface Unseen {
  readonly unseen: string
}

export function isUnseen(evidence: unknown): evidence is Unseen {
  return typeof evidence === 'object' && evidence !== null && 'unseen' in evidence
}

/** The rows of one group. What was not looked at is not right. */
export function judgeAll<Evidence>(checks: readonly Check<Evidence>[], evidence: Evidence | Unseen): readonly Row[] {
  return checks.map(({ id, about, hint, judge }) => {
    if (isUnseen(evidence)) return { id, about, state: 'fail', found: `not looked at: ${evidence.unseen}` }
    const { state, found } = judge(evidence)
    return { id, about, state, found, ...(state === 'ok' ? {} : { hint }) }
  })
}

export function ok(found: string): Verdict {
  return { state: 'ok', found }
}

export function fail(found: string): Verdict {
  return { state: 'fail', found }
}

export function sign(found: string): Verdict {
  return { state: 'sign', found }
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
