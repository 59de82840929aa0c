import type { Form, Lookup } from './types.ts'

/** One form field with what validation needs of it. */
export interface FieldSchema {
  readonly name: string
  readonly kind: 'text' | 'number' | 'tick' | 'date' | 'date-time' | 'select' | 'radio' | 'subform'
  readonly multi: boolean
  /** Accepted codes; absent where any text is (users, agencies, locations). */
  readonly options?: ReadonlySet<string>
  /** Fields of a subform's rows. */
  readonly row?: Schema
}

export type Schema = ReadonlyMap<string, FieldSchema>

/** The fields of all case forms by name. A field on two forms is one field. */
export function buildSchema(forms: readonly Form[], lookups: readonly Lookup[]): Schema {
  const codes = new Map(lookups.map((lookup) => [lookup.unique_id, new Set(lookup.values.map((value) => value.id))]))
  const nested = new Map(forms.filter((form) => form.is_nested).map((form) => [form.unique_id, form]))

  const read = (form: Form): Schema => {
    const fields = new Map<string, FieldSchema>()
    for (const field of form.fields) {
      const kind = kindOf(field)
      if (!kind) continue
      const options = optionsOf(field, codes)
      const inner = kind === 'subform' ? nested.get(field.subform_unique_id ?? '') : undefined
      fields.set(field.name, {
        name: field.name,
        kind,
        multi: field.multi_select === true,
        ...(options ? { options } : {}),
        ...(inner ? { row: read(inner) } : {}),
      })
    }
    return fields
  }

  return new Map(forms.filter((form) => !form.is_nested).flatMap((form) => [...read(form)]))
}

function kindOf(field: Form['fields'][number]): FieldSchema['kind'] | undefined {
  switch (field.type) {
    case 'text_field':
    case 'textarea':
      return 'text'
    case 'numeric_field':
      return 'number'
    case 'tick_box':
      return 'tick'
    case 'date_field':
      return field.date_include_time ? 'date-time' : 'date'
    case 'select_box':
      return 'select'
    case 'radio_button':
      return 'radio'
    case 'subform':
      return 'subform'
    case 'separator':
      return undefined
  }
}

function optionsOf(
  field: Form['fields'][number],
  codes: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> | undefined {
  if (field.option_strings_text) return new Set(field.option_strings_text.map((option) => option.id))
  const [kind, name] = (field.option_strings_source ?? '').split(' ')
  return kind === 'lookup' && name !== undefined ? codes.get(name) : undefined
}
