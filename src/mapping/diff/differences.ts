import type { Difference } from './changes.ts'

/** Keys whose values differ; keys that are in neither, or the same in both, are left out. */
export function differences(
  before: object | undefined,
  after: object | undefined,
  except: readonly string[] = [],
): Difference[] {
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return keys
    .filter((key) => !except.includes(key))
    .flatMap((name) => {
      const [was, is] = [shown(before, name), shown(after, name)]
      if (was === is) return []
      return [{ name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }]
    })
}

function shown(object: object | undefined, key: string): string | undefined {
  if (object === undefined || !Object.hasOwn(object, key)) return undefined
  const value: unknown = Reflect.get(object, key)
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ')
  return JSON.stringify(value)
}
