import { type Code, codes } from '../../errors/codes.ts'
import { didYouMean } from '../nearest.ts'
import type { Parsed } from '../parse.ts'
import { placeholder } from '../sentence.ts'
import type { SpecificationProblem } from '../types.ts'

/** Every code that UNHCR can be told about a referral: refusals, and what still failed when RETRY_FOR ended. */
export const toldCodes = [
  'FIELDS_MISSING',
  'FIELDS_INVALID',
  'ROWS_DISAGREE',
  'SERVICE_TYPE_NOT_AGREED',
  'CODE_NOT_MAPPED',
  'CASE_AMBIGUOUS',
  'CASE_DISABLED',
  'CASE_CLOSED',
  'CASE_IDENTITY_CONFLICT',
  'PRIMERO_REJECTED',
  'FIELD_NOT_STORED',
  'OWNER_UNKNOWN',
  'CREDENTIALS_REFUSED',
  'ACCESS_DENIED',
  'FILTER_IGNORED',
  'NO_MAPPING_ON_OUR_SIDE',
  'REMOTE_DOWN',
  'REMOTE_REFUSED',
  'REMOTE_NONSENSE',
  'RETRY_EXHAUSTED',
  'UNFORESEEN',
] as const satisfies readonly Code[]

/** What a decision carries where the case worker gave no reason. No failure, so no code of the table of codes. */
export const noReasonGiven = 'NO_REASON_GIVEN'

/** Without these the sender could not mend what was refused. */
const mustHold: Readonly<Record<string, readonly string[]>> = {
  FIELDS_MISSING: ['fields'],
  FIELDS_INVALID: ['fields'],
  SERVICE_TYPE_NOT_AGREED: ['value', 'accepted'],
}

type Sentences = Readonly<Record<string, string>>

/** Every code has its sentence in every language of the file, and a sentence names only what can be filled in. */
export function sentenceLaws(
  { value, json }: Parsed<{ readonly en: Sentences; readonly fr?: Sentences }>,
  inForce: 'en' | 'fr',
): SpecificationProblem[] {
  const needed = [...toldCodes, noReasonGiven]
  const known = [...Object.keys(codes), noReasonGiven]
  const languages = Object.entries({ en: value.en, fr: value.fr })
  return languages.flatMap(([language, sentences]) => {
    if (sentences === undefined) {
      return language === inForce ? [json.problem([], `There are no sentences in "${language}".`)] : []
    }
    const missing = needed
      .filter((code) => !Object.hasOwn(sentences, code))
      .map((code) => json.problem([language], `${language} has no sentence for ${code}.`))
    const wrong = Object.entries(sentences).flatMap(([code, sentence]) => {
      if (!known.includes(code)) {
        const message = `There is no code ${code}.`
        return [json.problemAtKey([language], code, message, didYouMean(code, known))]
      }
      const names = [...sentence.matchAll(placeholder)].map(([, name]) => String(name))
      const unknown = names.filter((name) => !['fields', 'value', 'accepted'].includes(name))
      const absent = (mustHold[code] ?? []).filter((name) => !names.includes(name))
      return [
        ...unknown.map((name) => `Nothing fills {${name}} in.`),
        ...absent.map((name) => `The sentence for ${code} must hold {${name}}.`),
      ].map((message) => json.problem([language, code], message, 'There is {fields}, {value} and {accepted}.'))
    })
    return [...missing, ...wrong]
  })
}
