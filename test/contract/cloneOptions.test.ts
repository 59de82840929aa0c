import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersOf, type CloneOptions } from '../../src/cli/clone/answers.ts'
import { readTemplate } from '../../src/cli/clone/template.ts'
import { loadSpecification } from '../../src/mapping/load.ts'
import type { Settings } from '../../src/mapping/types.ts'

const command = join(import.meta.dirname, '../../bin/exchange.js')
const given = [
  ...['--country', 'otherland', '--yes', '--primero-url', 'https://primero.example.org'],
  ...['--dtp-url', 'https://gateway.example.org/otherland', '--agency', 'AGENCY_X', '--time-zone', 'Africa/Nairobi'],
]

let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'exchange-clone-'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

function exchange(cwd: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' })
}

describe('exchange clone', () => {
  test('writes a project of another country that passes its check, with services, fields and users of its own', async () => {
    const folder = join(place, 'otherland')
    const own = [
      ...['--service', 'Foster Care=foster_care:Foster care', '--service', 'Legal Aid=legal_support:Legal support'],
      ...['--required-field', 'religion=unknown', '--required-field-from', 'ethnicity=individuals.progres_ethnicity'],
      ...['--intake-user-by-agency', 'PNR-000021=intake_x@example.org', '--closed-case', 'refuse', '--language', 'fr'],
    ]

    const cloned = exchange(place, 'clone', folder, ...given, ...own)
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(import.meta.dirname, '../..'), join(folder, 'node_modules/primero-progres-exchange'))
    const checked = exchange(folder, 'check', '--files')

    expect(cloned).toMatchObject({ status: 0, stderr: '' })
    expect(cloned.stdout).toContain('settings   module_id, birth_date_cutoff, require_unhcr_number, consent\n')
    expect(checked).toMatchObject({ status: 0 })
    const loaded = await loadSpecification(folder, 'otherland')
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
    const { settings, tables, fields } = loaded.specification
    expect(settings).toMatchObject({
      intake_user: 'progresv4_primero_intake@primero.example.org',
      intake_user_by_agency: { 'PNR-000021': 'intake_x@example.org' },
      closed_case: 'refuse',
      language: 'fr',
    })
    expect(tables['service-type']?.rows.map(({ primero }) => primero)).toEqual(['foster_care', 'legal_support'])
    expect(fields['to-primero']).toContainEqual(expect.objectContaining({ to: 'case.religion', value: 'unknown' }))
    expect(fields['to-primero']).toContainEqual(expect.objectContaining({ to: 'case.ethnicity', required: true }))
    expect(readFileSync(join(folder, '.env.example'), 'utf8')).toMatch(
      /^DTP_URL=https:\/\/gateway\.example\.org\/otherland$/m,
    )
    expect(readdirSync(join(folder, 'vendor'))).toHaveLength(1)
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).not.toContain('{{')
  })

  test('names everything that is missing or wrong at once, and leaves nothing', () => {
    const folder = join(place, 'wrong')

    const { status, stderr } = exchange(
      place,
      'clone',
      folder,
      '--country',
      'Other Land',
      '--yes',
      '--service',
      'Foster',
    )

    expect(status).toBe(1)
    expect(stderr).toBe(`exchange: the project was not written.
  --primero-url is needed: base URL of Primero, https://…, without /api/v2
  --dtp-url is needed: base URL of DTP, https://…
  --agency is needed: id of the implementing agency in Primero
  --time-zone is needed, such as Africa/Nairobi
  --service "Foster" has no form of A=B
  --country "Other Land" has to be small letters, digits and hyphens
  See: exchange clone --help
`)
    expect(existsSync(folder)).toBe(false)
  })

  test('refuses a folder that holds something', () => {
    const folder = join(place, 'used')
    mkdirSync(folder)
    writeFileSync(join(folder, 'notes.txt'), 'ours')

    const { status, stderr } = exchange(place, 'clone', folder, ...given)

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `exchange: ${folder} is not empty.\n  Name a folder that does not exist.\n`,
    })
    expect(readdirSync(folder)).toEqual(['notes.txt'])
  })
})

describe('exchange clone with a Primero to read', () => {
  const snapshot = join(import.meta.dirname, '../../fixtures/primero')
  const elsewhere = () => {
    const folder = mkdtempSync(join(place, 'snapshot-'))
    const lookups = readFileSync(join(snapshot, 'lookups.json'), 'utf8').replaceAll('"language2"', '"nuer_1"')
    writeFileSync(join(folder, 'lookups.json'), lookups)
    writeFileSync(join(folder, 'forms.json'), readFileSync(join(snapshot, 'forms.json')))
    return folder
  }

  test('proposes its options by their labels, and takes none unasked', () => {
    const read = ['--snapshot', elsewhere()]
    const [shown, taken] = [join(place, 'shown'), join(place, 'taken')]

    const first = exchange(place, 'clone', shown, ...given, ...read)
    const second = exchange(place, 'clone', taken, ...given, ...read, '--accept')

    expect(first.stdout).toMatch(/^language +Nuer +language2 +nuer_1 +Nuer$/m)
    expect(first.stdout).toContain('None was taken: add --accept to take those that are proposed.')
    const table = (folder: string) => readFileSync(join(folder, 'mappings/otherland/v1/language.json'), 'utf8')
    expect(table(shown)).toContain('"primero": "language2"')
    expect(second.status).toBe(0)
    expect(table(taken)).not.toContain('"language2"')
    expect(table(taken)).toContain('"primero": "nuer_1", "label": "Nuer"')
  })
})

describe('what nobody gave', () => {
  const none = { intakeUserByAgency: [], consent: [], service: [], requiredField: [], requiredFieldFrom: [] }
  const options: CloneOptions = {
    ...none,
    country: 'otherland',
    from: 'gambella',
    primeroUrl: 'https://primero.example.org/',
    dtpUrl: 'https://gateway.example.org',
    agency: 'AGENCY_X',
    timeZone: 'Africa/Nairobi',
  }
  let gambella: Settings
  beforeAll(async () => {
    gambella = (await readTemplate('gambella')).settings
  })

  test('is taken from the site where it follows from it, from the starting point elsewhere, and is named', () => {
    const { settings, takenOver, services } = answersOf(options, { ...gambella, start_from: '2026-01-01T00:00:00Z' })

    expect(settings).toMatchObject({
      unhcr_user: 'unhcr_cw@primero.example.org',
      contact_fallback_user: 'cpims_admin@primero.example.org',
      birth_date_cutoff: gambella.birth_date_cutoff,
      agencies: { implementing_in_primero: 'AGENCY_X', named_to_unhcr: 'AGENCY_X' },
    })
    // Another site's place in time would be read as ours.
    expect(settings).not.toHaveProperty('start_from')
    expect(takenOver).toEqual([
      'module_id',
      'birth_date_cutoff',
      'closed_case',
      'language',
      'require_unhcr_number',
      'consent',
    ])
    expect(services).toEqual([])
  })

  test('none is an answer: no cut-off, no fallback', () => {
    const { settings } = answersOf({ ...options, birthDateCutoff: 'none', contactFallbackUser: 'none' }, gambella)

    expect(settings.birth_date_cutoff).toBeUndefined()
    expect(settings.contact_fallback_user).toBeUndefined()
  })
})
