import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Specification } from './types.ts'

interface Parts {
  /** Names of source fields, never their values. */
  readonly fields?: readonly string[]
  /** The picklist code that was refused. It goes to the agency that sent it, and nowhere else. */
  readonly value?: string
  /** The codes that would have been accepted. */
  readonly accepted?: readonly string[]
}

/** A picklist code is short; whatever is longer was not meant as one. */
const longestValue = 100

/**
 * What the other agency is told about a code, in `settings.language`.
 *
 * A code without a sentence of its own is told with that of UNFORESEEN: the other side learns that the referral did
 * not arrive, and the code stays here.
 *
 * @throws NO_MAPPING_ON_OUR_SIDE (never) when the specification has neither (the loader refuses such a one)
 */
export function sentence(specification: Specification, code: string, parts: Parts = {}): string {
  const { sentences } = specification
  const template = Object.hasOwn(sentences, code) ? sentences[code] : sentences.UNFORESEEN
  if (template === undefined) {
    throw new ExchangeError(`The mapping specification has no sentence for ${code}.`, {
      code: 'NO_MAPPING_ON_OUR_SIDE',
      retry: 'never',
      hint: `Add it to mappings/${specification.country}/${specification.version}/sentences.json.`,
    })
  }
  const filled: Record<string, string> = {
    fields: listed(parts.fields),
    value: quotable(parts.value ?? '') || absent,
    accepted: listed(parts.accepted),
  }
  return template.replace(placeholder, (whole, name: string) => filled[name] ?? whole)
}

/** `{fields}`, `{value}`, `{accepted}`; the loader refuses any other. */
export const placeholder = /\{([a-z]+)\}/g

const absent = '—'

function listed(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? absent : [...new Set(names)].join(', ')
}

function quotable(value: string): string {
  const line = value.replace(/[\p{Cc}\p{Surrogate}\s]+/gu, ' ').trim()
  return line.length > longestValue ? `${line.slice(0, longestValue)}…` : line
}
