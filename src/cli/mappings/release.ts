import type { Command } from 'commander'
import { today } from '../../mapping/calendar.ts'
import { loadSpecification } from '../../mapping/load.ts'
import { writeRelease } from '../../mapping/releaseVersion.ts'
import { type ExitCode, ending } from '../ending.ts'
import { usage } from '../runInput.ts'
import { type CountryOption, openCountry, refused } from './open.ts'

interface ReleaseOptions extends CountryOption {
  readonly by: string
  readonly agreement: string
  readonly on?: string
  readonly note?: string
}

export function register(mappings: Command): void {
  mappings
    .command('release <version>')
    .description(
      'Release a draft: record in versions.json the hash of its files and who signed it off. From then on it is never ' +
        'edited, only succeeded. Refused while a law is broken. It comes into force when settings.json names it.',
    )
    .requiredOption('--by <who>', 'who signed it off, and for whom')
    .requiredOption('--agreement <reference>', 'the data sharing agreement or the minutes')
    .option('--on <day>', 'day of the signature, YYYY-MM-DD (default: today)')
    .option('--note <text>', 'what this version is about')
    .option('--country <country>', 'folder under mappings/')
    .action(ending(release))
}

async function release(version: string, options: ReleaseOptions): Promise<ExitCode> {
  const { root, country, folder, settings, releases } = await openCountry(options)
  const day = today(new Date(), settings.value.time_zone)
  const signedOn = options.on ?? day
  if (!/^\d{4}-\d{2}-\d{2}$/.test(signedOn) || Number.isNaN(Date.parse(signedOn)) || signedOn > day) {
    throw usage(`"${signedOn}" is no day up to today.`, 'Give the day of the signature as YYYY-MM-DD.')
  }
  if (options.by.trim() === '' || options.agreement.trim() === '') {
    throw usage('a release says who signed it off, and by which agreement.', 'Give --by and --agreement.')
  }
  if (Object.hasOwn(releases.value.released, version)) {
    throw usage(
      `version ${version} is released already.`,
      'A release is never edited. Make the next one: exchange mappings export, then import.',
    )
  }
  const loaded = await loadSpecification(root, country, version)
  if ('problems' in loaded) throw refused(loaded.problems)
  const { hash } = loaded.specification
  const signedOff = { by: options.by.trim(), on: signedOn, agreement: options.agreement.trim() }
  await writeRelease(root, folder, releases.value, { version, hash, on: day, signedOff, note: options.note })
  const next =
    settings.value.version === version
      ? 'It is in force: settings.json names it.'
      : `To put it in force, name it in ${folder}/settings.json: "version": "${version}", or on a day to come ` +
        `"next_version": {"version": "${version}", "from": "YYYY-MM-DD"}.`
  process.stdout.write(`${country} ${version} is released: ${hash}\n${next}\n`)
  return 0
}
