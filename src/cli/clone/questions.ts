import { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts'
import type { Settings } from '../../mapping/types.ts'
import type { CloneOptions } from './answers.ts'

/**
 * Asks in the terminal for what the options left open, each with what is usual as the answer at hand. Services and custom
 * fields are not asked for: a terminal is no place to type a table.
 *
 * @returns undefined when the person gave up
 */
export async function askRest(options: CloneOptions, from: Settings): Promise<CloneOptions | undefined> {
  intro(`A project for ${options.country}, starting from ${options.from}`)
  try {
    const answers = await ask(options, from)
    outro('Thank you. Writing.')
    return { ...options, ...answers }
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error
    cancel('Nothing was written.')
    return undefined
  }
}

async function ask(options: CloneOptions, from: Settings): Promise<Partial<CloneOptions>> {
  const primeroUrl = await line(options.primeroUrl, 'Base URL of Primero, without /api/v2', '', needsHttp)
  const dtpUrl = await line(options.dtpUrl, 'Base URL of DTP for this country', '', needsHttp)
  const agency = await line(options.agency, 'Id of the implementing agency in Primero', '')
  const agencyName = await line(options.agencyName, 'The same agency as UNHCR calls it', agency)
  const at = `@${new URL(primeroUrl).hostname}`
  const intakeUser = await line(options.intakeUser, 'Primero user who owns new cases', `progresv4_primero_intake${at}`)
  const unhcrUser = await line(options.unhcrUser, 'Primero user to whom one refers for UNHCR', `unhcr_cw${at}`)
  const contactFallbackUser = await line(
    options.contactFallbackUser,
    'Contact for UNHCR where that of the owner is incomplete (none: such referrals are held)',
    `cpims_admin${at}`,
  )
  const module = await line(options.module, 'Primero module of new cases', from.module_id)
  const timeZone = await line(options.timeZone, 'Time zone', from.time_zone)
  const birthDateCutoff = await line(
    options.birthDateCutoff,
    'Birth dates stamped at or after this UTC time mean the next day (none: as written)',
    from.birth_date_cutoff ?? 'none',
  )
  const closedCase = await choice(options.closedCase, 'A referral for a closed case', from.closed_case, {
    reopen: 'adds the service; Primero re-opens the case',
    refuse: 'is refused, and UNHCR is told whom to ask',
  })
  const language = await choice(options.language, 'Language of the sentences for UNHCR', from.language, {
    en: 'English',
    fr: 'French',
  })
  const needsNumber =
    options.requireUnhcrNumber ??
    (await yes('Hold a referral to UNHCR without an individual number?', from.require_unhcr_number))
  return {
    ...{ primeroUrl, dtpUrl, agency, agencyName, intakeUser, unhcrUser, contactFallbackUser },
    ...{ module, timeZone, birthDateCutoff, closedCase, language },
    ...(needsNumber ? { requireUnhcrNumber: true } : {}),
  }
}

class GaveUp extends Error {}

async function line(
  given: string | undefined,
  message: string,
  initialValue: string,
  validate = needsText,
): Promise<string> {
  if (given !== undefined) return given
  const answer = await text({ message, initialValue, validate })
  if (isCancel(answer)) throw new GaveUp()
  return answer
}

async function choice(
  given: string | undefined,
  message: string,
  initialValue: string,
  meanings: Readonly<Record<string, string>>,
): Promise<string> {
  if (given !== undefined) return given
  const options = Object.entries(meanings).map(([value, label]) => ({ value, label }))
  const answer = await select({ message, initialValue, options })
  if (isCancel(answer)) throw new GaveUp()
  return answer
}

/** @throws when the person gives up */
export async function yes(message: string, initialValue: boolean): Promise<boolean> {
  const answer = await confirm({ message, initialValue })
  if (isCancel(answer)) throw new GaveUp()
  return answer
}

function needsText(value: string | undefined): string | undefined {
  return value?.trim() ? undefined : 'Needed.'
}

function needsHttp(value: string | undefined): string | undefined {
  return /^https?:\/\/[^/]/.test(value ?? '') ? undefined : 'An address such as https://primero.example.org'
}
