import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readCountry } from '../../src/mapping/country.ts'
import { coverage } from '../../src/mapping/coverage/coverage.ts'
import { type Snapshot, snapshotSchema } from '../../src/mapping/coverage/snapshot.ts'
import { readVersion } from '../../src/mapping/version.ts'
import { copyOfMappings, repository } from './gambella.ts'

const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`../../fixtures/primero/${name}.json`, import.meta.url), 'utf8'))

const site = 'cpims-gambella.primero.org'
const users = ['progresv4_primero_intake', 'unhcr_cw', 'cpims_admin', 'exchange'].map((name) => ({
  user_name: name === 'exchange' ? name : `${name}@${site}`,
  role_unique_id: name === 'exchange' ? 'role-exchange' : 'role-x',
}))
const forms: { unique_id: string }[] = await read('forms')
const rights = Object.fromEntries(forms.map(({ unique_id }) => [unique_id, 'rw']))

/** A Primero that has everything the released mapping wants. */
const whole: Snapshot = snapshotSchema.parse({
  account: 'exchange',
  forms,
  lookups: await read('lookups'),
  agencies: await read('agencies'),
  users,
  roles: [{ unique_id: 'role-exchange', form_section_read_write: rights }],
})

async function found(snapshot: Snapshot, root = repository) {
  const country = await readCountry(root, 'gambella')
  if ('problems' in country) throw new Error(JSON.stringify(country.problems))
  const files = await readVersion({ root, problems: [], jsons: [] }, 'mappings/gambella/v1')
  return coverage({ files, settings: country.settings, snapshot }).map(({ level, file, line, column, message, hint }) =>
    [level, `${file.replace('mappings/gambella/', '')}:${line}:${column}`, message, hint].filter(Boolean).join(' '),
  )
}

const wrong = async (snapshot: Snapshot, root?: string) =>
  (await found(snapshot, root)).filter((one) => one.startsWith('wrong'))

/** The snapshot with a field of a form changed. */
function withField(name: string, change: object): Snapshot {
  return snapshotSchema.parse({
    ...whole,
    forms: whole.forms.map((form) => ({
      ...form,
      fields: form.fields.map((field) => (field.name === name ? { ...field, ...change } : field)),
    })),
  })
}

describe('the mapping against what a live Primero has', () => {
  test('nothing is wrong where it has everything; what nobody decided is listed', async () => {
    const all = await found(whole)

    expect(all.filter((one) => !one.startsWith('open'))).toEqual([])
    expect(all).toContain(
      'open v1/service-type.json:8:11 service.service_type may be "wash" (WASH), which has no row to-dtp: it is held. Add a row, or name it under "noMap".',
    )
  })

  test('an option that is gone, disabled or called otherwise is wrong, at its row', async () => {
    const snapshot = snapshotSchema.parse({
      ...whole,
      lookups: whole.lookups.map((lookup) => ({
        ...lookup,
        values: lookup.values
          .filter(({ id }) => id !== 'alternative_care')
          .map((one) =>
            one.id === 'food'
              ? { ...one, display_text: { en: 'Food' } }
              : one.id === 'male'
                ? { ...one, disabled: true }
                : one,
          ),
      })),
    })

    expect(await wrong(snapshot)).toEqual([
      'wrong v1/sex.json:10:42 The option "male" of case.sex is disabled in Primero.',
      'wrong v1/sex.json:14:37 The option "male" of case.sex is disabled in Primero.',
      'wrong v1/sex.json:18:37 The option "male" of case.sex is disabled in Primero.',
      'wrong v1/service-type.json:9:49 Primero has no option "alternative_care" for service.service_type.',
      expect.stringMatching(
        /^wrong v1\/service-type\.json:13:\d+ Primero calls "food" "Food", and this row "Family Reunification Service"\./,
      ),
      expect.stringMatching(/^wrong v1\/service-type\.json:14:\d+ Primero calls "food" "Food"/),
    ])
  })

  test('a field that no form has, and one of another type, are wrong, at their row', async () => {
    expect(await wrong(withField('telephone_current', { name: 'telephone_curent' }))).toEqual([
      expect.stringMatching(
        /^wrong v1\/fields\.to-primero\.json:14:\d+ case\.telephone_current: no form of this module has this field\. Did you mean case\.telephone_curent\?$/,
      ),
      expect.stringMatching(
        /^wrong v1\/fields\.to-dtp\.json:27:\d+ telephone_current: no form .* case\.telephone_current\./,
      ),
    ])
    expect(await wrong(withField('language', { multi_select: false }))).toEqual([
      expect.stringMatching(/case\.language: the rule tables does not fit a field of type select_box\.$/),
    ])
  })

  test('a form that the role of the account may not write is wrong; where roles are hidden that is unknown', async () => {
    const readOnly = {
      ...whole,
      roles: [{ unique_id: 'role-exchange', form_section_read_write: { ...rights, services: 'r' } }],
    }
    const { roles: _, ...hidden } = whole

    expect((await wrong(readOnly))[0]).toMatch(
      /^wrong v1\/fields\.to-primero\.json:17:\d+ service\.progres_interventionnumber: the account may not write the form "services" that holds it\. Give its role "rw" on that form\.$/,
    )
    expect((await found(hidden)).filter((one) => one.startsWith('unknown'))).toHaveLength(1)
  })

  test('a required custom field that nothing fills is an open question, and none once it has a source with a default', async () => {
    const copy = await copyOfMappings()
    const asked = snapshotSchema.parse({
      ...whole,
      forms: whole.forms.map((form) =>
        form.unique_id !== 'basic_identity'
          ? form
          : { ...form, fields: [...form.fields, { name: 'camp_a1b2', type: 'text_field', required: true }] },
      ),
    })
    const about = async () => (await found(asked, copy.root)).filter((one) => one.includes('camp_a1b2'))

    const before = await about()
    await copy.edit(
      'v1/fields.to-primero.json',
      '"fields": [',
      '"fields": [{ "to": "case.camp_a1b2", "from": ["individuals.progres_camp"], "rule": "copy", "default": "unknown", "policy": "create" },',
    )

    expect(before).toEqual([
      'open v1/fields.to-primero.json:4:13 case.camp_a1b2 is required on the form "basic_identity", and nothing fills it. Add a row with a source, a default or a constant.',
    ])
    expect(await about()).toEqual([])
  })

  test('users, agency, module and consent fields that Primero does not have are wrong, at the setting', async () => {
    const copy = await copyOfMappings()
    await copy.edit('settings.json', 'primeromodule-cp', 'primeromodule-cpp')
    expect((await wrong(whole, copy.root))[0]).toBe(
      'wrong settings.json:5:16 Primero has no module "primeromodule-cpp". Did you mean primeromodule-cp?',
    )
    await copy.edit('settings.json', 'primeromodule-cpp', 'primeromodule-cp')
    await copy.edit('settings.json', '"intake_user_by_agency": {}', '"intake_user_by_agency": {"Plan": "plan_intake"}')
    await copy.edit('settings.json', '"consent_for_services"', '"consent_for_service"')
    await copy.edit('settings.json', '"implementing_in_primero": "UNICEF"', '"implementing_in_primero": "Unicef"')
    const gone = {
      ...whole,
      users: users.map((user) => ({ ...user, disabled: user.user_name.startsWith('unhcr_cw') })),
    }

    expect(await wrong(gone, copy.root)).toEqual([
      'wrong settings.json:8:17 The user "unhcr_cw@cpims-gambella.primero.org" is disabled in Primero.',
      'wrong settings.json:7:37 Primero has no user "plan_intake". Make the user, or correct the name.',
      expect.stringMatching(/^wrong settings\.json:12:\d+ No form has the consent field "consent_for_service"/),
      expect.stringMatching(
        /^wrong v1\/fields\.to-primero\.json:21:\d+ service\.service_implementing_agency: "Unicef" is no option of this field\. Did you mean UNICEF\?$/,
      ),
    ])
  })
})
