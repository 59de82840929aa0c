import type { Direction, FieldProblem, Specification } from '../types.ts'

/** What a rule sees beside its row. */
export interface RuleContext {
  readonly specification: Specification
  readonly direction: Direction
  readonly source: Readonly<Record<string, unknown>>
  /** `YYYY-MM-DD` */
  readonly today: string
}

export type RuleResult =
  | { readonly is: 'value'; readonly value: unknown }
  | { readonly is: 'empty' }
  | { readonly is: 'problem'; readonly problem: Pick<FieldProblem, 'problem' | 'table' | 'quoted'> }

export const empty: RuleResult = { is: 'empty' }
export const invalid: RuleResult = { is: 'problem', problem: { problem: 'invalid' } }
