import { RunStop } from './failure.ts'

/** How long a step may take to notice its signal before it is left behind, in milliseconds. */
const graceMs = 5_000

interface Limit {
  readonly step: string
  readonly limitMs: number
  /** The run's signal: aborted when the process stops. */
  readonly signal: AbortSignal
}

/**
 * Runs a step's work with a signal that is aborted at its time limit, or when the run is stopped from outside.
 *
 * Work that obeys its signal is waited for (5 s), so that it can still say what it did; other work is left behind, as
 * OpenFn does: JavaScript cannot end it. Work that finishes in time although the run was stopped counts as finished.
 *
 * @throws RunStop TimeoutError or StoppedError; else what `work` throws
 */
export async function withinLimit<T>({ step, limitMs, signal }: Limit, work: (signal: AbortSignal) => Promise<T>) {
  const controller = new AbortController()
  const abort = (stop: 'TimeoutError' | 'StoppedError', message: string) =>
    controller.abort(new RunStop(message, { stop }))
  const atLimit = () => abort('TimeoutError', `Step "${step}" took longer than ${limitMs} ms and was stopped.`)
  const atStop = () => abort('StoppedError', `Step "${step}" was stopped because the process ends.`)

  let graceTimer: NodeJS.Timeout | undefined
  const limitTimer = setTimeout(atLimit, limitMs)
  signal.addEventListener('abort', atStop, { once: true })
  if (signal.aborted) atStop()
  try {
    const leftBehind = new Promise<never>((_, reject) => {
      const wait = () => {
        graceTimer = setTimeout(() => reject(controller.signal.reason), graceMs)
      }
      controller.signal.addEventListener('abort', wait, { once: true })
      if (controller.signal.aborted) wait()
    })
    const ended = work(controller.signal).catch((error: unknown) => {
      throw controller.signal.aborted ? controller.signal.reason : error
    })
    const result = await Promise.race([ended, leftBehind])
    const reason: unknown = controller.signal.reason
    if (reason instanceof RunStop && reason.stop === 'TimeoutError') throw reason
    return result
  } finally {
    clearTimeout(limitTimer)
    clearTimeout(graceTimer)
    signal.removeEventListener('abort', atStop)
  }
}
