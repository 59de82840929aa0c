import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Metrics } from '../log/metrics.ts'
import type { RunEnvironment } from '../project/environment.ts'

interface UndiciRequest {
  readonly origin?: string | URL
}

/**
 * Times every request to the two systems, whichever adaptor makes it, through undici's diagnostics channels: system and
 * status class only. Returns how to stop it.
 */
export function observeRequests(
  { primero, dtp }: Pick<RunEnvironment, 'primero' | 'dtp'>,
  metrics: Metrics,
): () => void {
  const systems = new Map([
    [new URL(primero.url).origin, 'primero'],
    [new URL(dtp.url).origin, 'dtp'],
  ])
  const begunMs = new WeakMap<object, number>()
  const ended = (request: UndiciRequest, statusClass: string) => {
    const begun = begunMs.get(request)
    const system = systems.get(String(request.origin))
    if (begun === undefined || system === undefined) return
    begunMs.delete(request)
    metrics.remoteRequests.observe({ system, status_class: statusClass }, (performance.now() - begun) / 1000)
  }
  const listeners = {
    'undici:request:create': ({ request }: { request: UndiciRequest }) => begunMs.set(request, performance.now()),
    'undici:request:headers': ({ request, response }: { request: UndiciRequest; response: { statusCode: number } }) =>
      ended(request, `${Math.floor(response.statusCode / 100)}xx`),
    'undici:request:error': ({ request }: { request: UndiciRequest }) => ended(request, 'none'),
  }
  // biome-ignore lint/suspicious/noExplicitAny: node types every channel's message as unknown, undici documents these
  const entries = Object.entries(listeners) as [string, (message: any) => void][]
  for (const [channel, listener] of entries) subscribe(channel, listener)
  return () => {
    for (const [channel, listener] of entries) unsubscribe(channel, listener)
  }
}
