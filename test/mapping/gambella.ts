import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VersionContent } from '../../src/mapping/diff/changes.ts'
import { loadSpecification } from '../../src/mapping/load.ts'
import type { Specification } from '../../src/mapping/types.ts'
import { readVersion } from '../../src/mapping/version.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The committed specification of Gambella, or its problems as a failure of the test. */
export async function gambella(): Promise<Specification> {
  return loaded(await loadSpecification(repository, 'gambella'))
}

/** What its released version says, as the files say it. */
export async function gambellaContent(
  version = 'v1',
  root = repository,
  country = 'gambella',
): Promise<VersionContent> {
  const read = { root, problems: [], jsons: [] }
  const { toPrimero, toDtp, sentences, tables } = await readVersion(read, `mappings/${country}/${version}`)
  if (!toPrimero || !toDtp || !sentences) throw new Error(JSON.stringify(read.problems))
  return {
    toPrimero: toPrimero.value,
    toDtp: toDtp.value,
    sentences: sentences.value,
    tables: Object.fromEntries(Object.entries(tables).map(([name, { value }]) => [name, value])),
  }
}

export function loaded(result: Awaited<ReturnType<typeof loadSpecification>>): Specification {
  if ('problems' in result) throw new Error(result.problems.map((problem) => JSON.stringify(problem)).join('\n'))
  return result.specification
}

/** A copy of `mappings/` that a test may spoil, as a draft: nothing in it is released. */
export async function copyOfMappings() {
  const root = await mkdtemp(join(tmpdir(), 'mappings-'))
  await cp(join(repository, 'mappings'), join(root, 'mappings'), { recursive: true })
  const path = (file: string) => join(root, 'mappings/gambella', file)
  const write = (file: string, text: string) => writeFile(path(file), text)
  await write('versions.json', '{ "released": {} }')
  return {
    root,
    read: (file: string) => readFile(path(file), 'utf8'),
    write,
    /** Replaces the first `from` in a file; it must be there. */
    edit: async (file: string, from: string, to: string) => {
      const text = await readFile(path(file), 'utf8')
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
      await write(
        file,
        text.replace(from, () => to),
      )
    },
    load: (version?: string) => loadSpecification(root, 'gambella', version),
    /** `file:line:column message hint` of each problem. */
    problems: async () => {
      const result = await loadSpecification(root, 'gambella')
      if (!('problems' in result)) return []
      return result.problems.map(({ file, line, column, message, hint }) =>
        [`${file}:${line ?? '-'}:${column ?? '-'}`, message, hint].filter((part) => part !== undefined).join(' '),
      )
    },
  }
}

/** An invented referral of proGres with everything in it that the mapping wants. */
export const intervention: Readonly<Record<string, unknown>> = {
  progres_interventionnumber: '990-26-PRTITV-0000123',
  'interventiontype.progres_description': 'Alternative Care',
  progres_interventionstartdate: '2026-05-04T00:00:00Z',
  progres_interventiondescription: '<p>Needs a place to stay</p>',
  'individuals.progres_id': '990-00001234',
  'individuals.progres_registrationgroupid': { Id: '00000000-0000-4000-8000-000000002123', Name: '990-26-00056' },
  'individuals.progres_givenname': 'Abel',
  'individuals.progres_familyname': 'Example',
  'individuals.progres_dateofbirth': '2012-03-04T00:00:00Z',
  'individuals.progres_sex': '125080001',
  'languages.progres_languagecodeid': { Id: '00000000-0000-4000-8000-000000007001', Name: 'Nuer' },
}

/** An invented referral of Primero with everything in it that the mapping wants. */
export const referral: Readonly<Record<string, unknown>> = {
  'referral.id': '00000000-0000-4000-8000-0000000000aa#0123456789ab',
  'referral.created_at': '2026-05-06T10:00:00.000Z',
  'case.owned_by': 'worker_one',
  'case.unhcr_individual_no': '990-00001234',
  'case.unhcr_id_no': '990-26-00056',
  'case.name_first': 'Abel',
  'case.name_last': 'Example',
  'case.date_of_birth': '2012-03-04',
  'case.sex': 'male',
  'case.address_current': 'Zone B, block 4',
  'case.telephone_current': '+251900000001',
  'case.language': ['language2', 'language5'],
  'service.service_type': 'alternative_care',
  'service.service_response_day_time': '2026-05-06T09:00:00.000Z',
  'service.service_referral_notes': 'Needs a place to stay',
  'contact.full_name': 'Case Worker One',
  'contact.position': 'Case Worker',
  'contact.email': 'worker.one@example.org',
  'contact.phone': '+251900000002',
}

export const today = '2026-06-01'
