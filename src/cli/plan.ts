import type { SeenRequest } from '../simulator/listener.ts'

type Row = Readonly<Record<string, unknown>>

interface FieldChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** One write that a run would make. */
export interface PlannedWrite {
  readonly method: string
  readonly system: 'primero' | 'dtp'
  /** What is written to: a case or referral by its id, an operation of the gateway by its name. */
  readonly record: string
  readonly fields: readonly FieldChange[]
}

/** Every write the simulated systems received, in order, field by field against what was there before. */
export function planOf(
  casesBefore: readonly Row[],
  toPrimero: readonly SeenRequest[],
  toDtp: readonly SeenRequest[],
): readonly PlannedWrite[] {
  const cases = new Map(casesBefore.map((row) => [String(row.id), row]))
  return [
    ...toPrimero.filter(({ method }) => method !== 'GET').map((request) => primeroWrite(request, cases)),
    ...toDtp.filter(({ method }) => method !== 'GET').map(dtpWrite),
  ]
}

function primeroWrite({ method, path, body }: SeenRequest, cases: Map<string, Row>): PlannedWrite {
  const data = rowOf(rowOf(body).data)
  const record = path.replace('/api/v2/', '').replace(/\/$/, '')
  const id = /^cases\/([^/]+)$/.exec(record)?.[1] ?? String(data.id ?? '')
  const isCase = record === 'cases' || record === `cases/${id}`
  const before = isCase ? (cases.get(id) ?? {}) : {}
  if (isCase) cases.set(id, { ...before, ...data })
  return {
    method,
    system: 'primero',
    record: record === 'cases' ? `cases/${id}` : record,
    fields: changes(before, data),
  }
}

function dtpWrite({ method, path, body }: SeenRequest): PlannedWrite {
  return { method, system: 'dtp', record: path.split('/').at(-1) ?? path, fields: changes({}, rowOf(body)) }
}

/** Rows of a subform are compared one by one, by their `unique_id`. */
function changes(before: Row, after: Row): readonly FieldChange[] {
  return Object.entries(after).flatMap(([field, value]) => {
    if (!Array.isArray(value) || !value.some(isRow)) return [{ field, before: before[field] ?? null, after: value }]
    const rowsBefore = Array.isArray(before[field]) ? before[field].filter(isRow) : []
    return value.filter(isRow).flatMap((row) => {
      const known = rowsBefore.find(({ unique_id }) => unique_id === row.unique_id) ?? {}
      return changes(known, row).map((change) => ({
        ...change,
        field: `${field}[${String(row.unique_id)}].${change.field}`,
      }))
    })
  })
}

/** Fields whose values are system ids, picklist codes or constants: no dry run hides them. Everything else is masked. */
const shownFields = new Set([
  'id',
  'case_id',
  'unique_id',
  'module_id',
  'status',
  'request_type',
  'progres_interventionnumber',
  'service_type',
  'service_response_type',
  'service_referral',
  'service_request_external',
  'service_implementing_agency',
  'unhcr_referral_status',
  'owned_by_agency_id',
])

const mask = '•••'

/** The plan as lines for people and as JSON, personal values masked unless they are asked for. */
export function renderPlan(plan: readonly PlannedWrite[], { showValues }: { readonly showValues: boolean }) {
  const show = (field: string, value: unknown): unknown => {
    const isEmpty = value === null || value === undefined
    return isEmpty || showValues || shownFields.has(field.split('.').at(-1) ?? field) ? (value ?? null) : mask
  }
  const json = plan.map(({ fields, ...write }) => ({
    ...write,
    fields: fields.map(({ field, before, after }) => ({
      field,
      before: show(field, before),
      after: show(field, after),
    })),
  }))
  const lines = json.flatMap(({ method, system, record, fields }) => [
    `  ${method} ${system} ${record}`,
    ...fields.map(({ field, before, after }) => `    ${field}: ${text(before)} → ${text(after)}`),
    '',
  ])
  return { json, lines }
}

function text(value: unknown): string {
  if (value === null) return '(empty)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function rowOf(value: unknown): Row {
  return isRow(value) ? value : {}
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
