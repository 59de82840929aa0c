import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import type { FieldRow, TableRow } from '../../mapping/types.ts'
import { writeVersion } from '../../mapping/writeVersion.ts'
import type { Answers, RequiredField } from './answers.ts'
import { packageRoot } from './template.ts'
import { json, write } from './write.ts'

/** The specification of the new country as its first draft. */
export async function writeMappings(folder: string, answers: Answers, content: VersionContent): Promise<void> {
  const own = `mappings/${answers.country}`
  await cp(join(packageRoot, 'mappings/schema'), join(folder, 'mappings/schema'), { recursive: true })
  await cp(join(packageRoot, 'mappings/README.md'), join(folder, 'mappings/README.md'))
  await write(folder, `${own}/settings.json`, json({ $schema: '../schema/settings.json', ...answers.settings }))
  await write(folder, `${own}/versions.json`, json({ $schema: '../schema/versions.json', released: {} }))
  await writeVersion(join(folder, own), 'v1', content, '../../schema/value-table.json')
}

/** The files of the starting point with the services and custom fields of the new country. */
export function contentOf({ services, requiredFields }: Answers, content: VersionContent): VersionContent {
  const name = serviceTable(content.toPrimero)
  const table = content.tables[name]
  const note = 'The services that were named when this project was made. Agree on them before the release.'
  const ownTable =
    services.length === 0 || table === undefined ? {} : { [name]: { ...table, note, rows: services.map(toRow) } }
  const { fields } = content.toPrimero
  // Beside the other fields of the case, before the rows of the service.
  const at = fields.findIndex(({ to }) => to.startsWith('service.'))
  return {
    ...content,
    tables: { ...content.tables, ...ownTable },
    toPrimero: {
      ...content.toPrimero,
      fields: fields.toSpliced(at < 0 ? fields.length : at, 0, ...requiredFields.map(toField)),
    },
  }
}

/** Name of the table that translates the service types UNHCR asks for. */
export function serviceTable({ fields }: { readonly fields: readonly FieldRow[] }): string {
  return fields.find(({ to }) => to === 'service.service_type')?.table ?? 'service-type'
}

function toRow(service: Answers['services'][number]): TableRow {
  return { ...service, relationship: 'equivalent' }
}

function toField({ field, ...rest }: RequiredField): FieldRow {
  const note = 'This site requires it at registration.'
  const to = `case.${field}`
  return 'value' in rest
    ? { to, from: [], rule: 'constant', value: rest.value, policy: 'create', note }
    : { to, from: [rest.from], rule: 'copy', required: true, policy: 'create', note }
}
