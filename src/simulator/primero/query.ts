/** One query key after Rack has read it: `f=a`, `f[0]=a`, `f[]=a`, `not[f]=a`. */
export interface QueryParam {
  readonly name: string
  readonly form: 'scalar' | 'indexed' | 'empty-brackets'
  readonly values: readonly string[]
}

export interface QueryGroup {
  readonly kind: 'and' | 'not' | 'or'
  readonly params: readonly QueryParam[]
}

/**
 * The filters of a query string as Rails sees them: the last of two equal keys counts, `+` is a space.
 *
 * @source docs/systems.md §Primero/filters
 */
export function readQuery(query: URLSearchParams): readonly QueryGroup[] {
  const groups = {
    and: new Map<string, QueryParam>(),
    not: new Map<string, QueryParam>(),
    or: new Map<string, QueryParam>(),
  }
  for (const [key, value] of query) {
    const [, kind, inner] = /^(not|or)\[([^\]]+)\](?=$|\[)/.exec(key) ?? []
    const group = kind === 'not' ? groups.not : kind === 'or' ? groups.or : groups.and
    const rest = inner === undefined ? key : `${inner}${key.slice(`${kind}[${inner}]`.length)}`
    add(group, rest, value)
  }
  return [
    { kind: 'and', params: [...groups.and.values()] },
    { kind: 'not', params: [...groups.not.values()] },
    { kind: 'or', params: [...groups.or.values()] },
  ]
}

function add(group: Map<string, QueryParam>, key: string, value: string): void {
  const indexed = /^(.+)\[(\d+)\]$/.exec(key)
  const emptied = /^(.+)\[\]$/.exec(key)
  const name = indexed?.[1] ?? emptied?.[1] ?? key
  const form = indexed ? 'indexed' : emptied ? 'empty-brackets' : 'scalar'
  const before = group.get(name)
  const values = form !== 'scalar' && before?.form === form ? [...before.values, value] : [value]
  group.set(name, { name, form, values })
}
