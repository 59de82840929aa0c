import type { Snapshot, SnapshotField, SnapshotOption } from './snapshot.ts'

export interface LiveField {
  readonly field: SnapshotField
  /** Form that holds it: the one whose right decides whether it may be written. */
  readonly form: string
}

/** Fields of a module's case forms by `case.NAME`, and those of the services subform by `service.NAME`. */
export function liveFields({ forms }: Snapshot, module: string): ReadonlyMap<string, LiveField> {
  const own = forms.filter(({ module_ids: modules }) => modules?.includes(module) ?? true)
  const plain = own.filter(({ is_nested: nested }) => nested !== true)
  const found = new Map<string, LiveField>()
  for (const form of plain) {
    for (const field of form.fields) found.set(`case.${field.name}`, { field, form: form.unique_id })
  }
  const holder = found.get('case.services_section')
  const { subform_section_id: id, subform_unique_id: name } = holder?.field ?? {}
  const services = forms.find(
    (form) =>
      (id !== undefined && id !== null && (form.id === id || form.unique_id === id)) ||
      (name !== undefined && name !== null && form.unique_id === name),
  )
  for (const field of services?.fields ?? []) {
    found.set(`service.${field.name}`, { field, form: holder?.form ?? services?.unique_id ?? '' })
  }
  return found
}

/** The options of a field: undefined where it takes any text. */
export function optionsOf(snapshot: Snapshot, { field }: LiveField): readonly SnapshotOption[] | undefined {
  const source = field.option_strings_source?.trim() ?? ''
  if (/^Agency/i.test(source))
    return snapshot.agencies?.map(({ unique_id: id, ...rest }) => ({ id, ...disabled(rest) }))
  const lookup = /^lookup\s+(\S+)$/.exec(source)?.[1]
  if (lookup !== undefined) return snapshot.lookups.find(({ unique_id }) => unique_id === lookup)?.values ?? []
  const written = field.option_strings_text ?? []
  return source === '' && written.length > 0 ? written : undefined
}

function disabled({ disabled: is }: { readonly disabled?: boolean | null | undefined }) {
  return is === true ? { disabled: true } : {}
}
