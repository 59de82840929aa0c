import type { Code } from '../errors/codes.ts'
import { sentence } from '../mapping/sentence.ts'
import type { Specification } from '../mapping/types.ts'

interface Failure {
  readonly code: Code
  readonly fields?: readonly string[]
  readonly quoted?: string
  readonly accepted?: readonly string[]
  readonly also?: readonly Failure[]
}

/**
 * What UNHCR is told about a referral that was not delivered: the country's sentence for each code, in order, with the
 * fields, the refused picklist code and the accepted ones in it. It goes to DTP alone: it may quote a code.
 */
export function failureSentence(spec: Specification, failure: Failure): string {
  const { code, fields = [], quoted = '', accepted = [], also = [] } = failure
  const said = [
    sentence(spec, code, { fields, value: quoted, accepted }),
    ...also.map((one) => failureSentence(spec, one)),
  ]
  return [...new Set(said)].join(' ')
}
