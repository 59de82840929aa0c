import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Collections as Lightning serves them, for the published adaptor: GET, POST and DELETE below `/collections/NAME`.
 *
 * @source docs/systems.md §OpenFn/collections
 */
export async function startCollections(names: readonly string[]) {
  const kept = new Map(names.map((name) => [name, new Map<string, string>()]))
  const strange: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://here')
    const [, , name = '', key, ...more] = pathname.split('/').map(decodeURIComponent)
    const rows = kept.get(name)
    const answer = (status: number, body?: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(body === undefined ? undefined : JSON.stringify(body))
    if (request.headers.authorization !== 'Bearer of-collections') return answer(401, {})
    if (rows === undefined) return answer(404, {})
    if (more.length > 0 || !/^[\w.:~*-]*$/.test(key ?? '')) strange.push(pathname)
    if (request.method === 'POST') {
      const { items }: { items: { key: string; value: string }[] } = JSON.parse(Buffer.concat(chunks).toString())
      for (const item of items) rows.set(item.key, item.value)
      return answer(200, { upserted: items.length, error: null })
    }
    if (request.method === 'DELETE') return answer(200, { deleted: rows.delete(key ?? '') ? 1 : 0, key })
    if (key === undefined) {
      const prefix = (searchParams.get('key') ?? '*').replace(/\*$/, '')
      const all = [...rows].filter(([one]) => one.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1))
      const from = Number(searchParams.get('cursor') ?? 0)
      const to = from + Number(searchParams.get('limit') ?? 1000)
      const items = all.slice(from, to).map(([one, value]) => ({ key: one, value }))
      return answer(200, { items, cursor: to < all.length ? String(to) : null })
    }
    const value = rows.get(key)
    return value === undefined ? answer(204) : answer(200, { key, value })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/collections`,
    rows: (name: string): ReadonlyMap<string, string> => kept.get(name) ?? new Map(),
    /** Addresses that the real one would not understand as meant. */
    strange,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
