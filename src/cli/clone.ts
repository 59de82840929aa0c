import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Answers, answersOf, type CloneOptions } from './clone/answers.ts'
import { localised } from './clone/localised.ts'
import { contentOf } from './clone/mappings.ts'
import { askRest } from './clone/questions.ts'
import { readTemplate } from './clone/template.ts'
import { writeProject } from './clone/write.ts'
import { ending } from './ending.ts'

export function register(program: Command): void {
  program
    .command('clone')
    .argument('<dir>', 'folder of the new project; must not exist, or be empty')
    .summary('a project for a new country')
    .description(
      'Writes a project for another country: workflows, jobs, mapping specification, invented fixtures, tests, README and ' +
        'CI. It depends on this package, which is packed into its folder vendor/. Everything that differs between countries ' +
        'is asked for, or given by the options below; what is neither is taken over and named at the end.',
    )
    .requiredOption('--country <name>', 'name of the country or site: small letters, digits, hyphens')
    .option('--from <country>', 'country whose specification is the starting point', 'gambella')
    .option('--yes', 'ask nothing')
    .option('--primero-url <url>', 'base URL of Primero, without /api/v2')
    .option('--dtp-url <url>', 'base URL of DTP for this country')
    .option('--intake-user <user>', 'Primero user who owns new cases')
    .option('--intake-user-by-agency <partner=user>', 'intake user for requests of one partner (repeat)', several, [])
    .option('--unhcr-user <user>', 'Primero user to whom case workers refer what goes to UNHCR')
    .option(
      '--contact-fallback-user <user>',
      'whose contact UNHCR gets where that of the owner is incomplete; none: held',
    )
    .option('--module <id>', 'Primero module of new cases')
    .option('--agency <id>', 'implementing agency of what UNHCR asks for, as in Primero')
    .option('--agency-name <name>', 'the same agency as UNHCR calls it')
    .option('--time-zone <zone>', 'where today is, such as Africa/Nairobi')
    .option(
      '--birth-date-cutoff <hh:mmZ>',
      'a birth date stamped at or after this time means the next day; none: as written',
    )
    .option('--closed-case <policy>', 'reopen or refuse')
    .option('--language <language>', 'of the sentences for UNHCR: en or fr')
    .option('--require-unhcr-number', 'hold a referral to UNHCR without an individual number')
    .option('--consent <field>', 'field of the case that must be true before anything leaves (repeat)', several, [])
    .option('--service <progres=option:label>', 'an agreed service, in place of those of --from (repeat)', several, [])
    .option(
      '--required-field <field=value>',
      'custom field that Primero requires, with its constant (repeat)',
      several,
      [],
    )
    .option(
      '--required-field-from <field=source>',
      'the same, filled from an attribute of proGres (repeat)',
      several,
      [],
    )
    .option(
      '--read-primero',
      'read the live Primero (PRIMERO_URL, PRIMERO_USERNAME, PRIMERO_PASSWORD) and propose its options',
    )
    .option('--snapshot <path>', 'the same from what exchange mappings coverage --save kept')
    .option('--accept', 'take every proposal without asking')
    .option('--schedule <cron>', 'when the two cron workflows look, in UTC')
    .addHelpText('after', details)
    .action(ending(async (dir: string, options: CloneOptions) => clone(resolve(dir), options)))
}

const details = `
  exchange clone ../exchange-dadaab --country dadaab
  exchange clone ../exchange-here --country here --yes --primero-url https://primero.example.org \\
    --dtp-url https://gateway.example.org/here --agency AGENCY_X --time-zone Africa/Nairobi

Exit codes: 0 written, 1 not written; nothing is left half done.
`

function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function clone(folder: string, options: CloneOptions): Promise<0 | 1> {
  const template = await readTemplate(options.from)
  const asked = options.yes === true || !process.stdin.isTTY ? options : await askRest(options, template.settings)
  if (asked === undefined) return 1
  const answers = answersOf(asked, template.settings)
  const content = contentOf(answers, await localised(template.content, answers, options))
  await writeProject(folder, answers, template, content)
  process.stdout.write(renderDone(folder, answers))
  return 0
}

function renderDone(folder: string, { country, from, takenOver, services }: Answers): string {
  const tables = services.length > 0 ? 'every table but service-type' : 'every table'
  return `${country} is in ${folder}.

Taken over from ${from}, to be agreed anew between the agencies:
  tables     ${tables} in mappings/${country}/v1, a draft until it is released
  settings   ${takenOver.length === 0 ? 'none' : takenOver.join(', ')}

Next:
  cd ${folder}
  npm install && npm test
  npm run demo
  README.md there goes on from here: the mapping, the variables, going live.
`
}
