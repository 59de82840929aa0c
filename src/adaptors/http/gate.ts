/** Bounds how many requests to one system are in flight; the others wait in the order they came. */
export interface Gate {
  /** Does `work` when there is room. Aborting `signal` while waiting rejects with `whenAborted()`; nothing was begun. */
  pass<T>(work: () => Promise<T>, options?: PassOptions): Promise<T>
  /**
   * Whoever waits now, and whoever comes within `forMs`, is rejected with `reason()`; `Infinity` closes for good.
   * Work under way is not touched.
   */
  turnAway(reason: () => Error, forMs: number): void
}

interface PassOptions {
  readonly signal?: AbortSignal | undefined
  readonly whenAborted?: () => Error
}

interface Waiting {
  readonly enter: () => void
  readonly reject: (error: Error) => void
}

/** @param limit asked whenever there may be room, so that it can rise or fall on the way */
export function createGate(limit: () => number, clock: () => number = () => performance.now()): Gate {
  let inside = 0
  const queue: Waiting[] = []
  let closed: { readonly reason: () => Error; readonly until: number } | undefined

  const admit = () => {
    while (queue.length > 0 && inside < limit()) {
      inside += 1
      queue.shift()?.enter()
    }
  }

  const enter = ({ signal, whenAborted = () => new Error('Aborted.') }: PassOptions) =>
    new Promise<void>((resolve, reject) => {
      if (closed !== undefined && clock() < closed.until) return reject(closed.reason())
      if (signal?.aborted) return reject(whenAborted())
      const leave = () => {
        queue.splice(queue.indexOf(waiting), 1)
        reject(whenAborted())
      }
      const waiting: Waiting = {
        enter: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
        reject: (error) => {
          signal?.removeEventListener('abort', leave)
          reject(error)
        },
      }
      signal?.addEventListener('abort', leave, { once: true })
      queue.push(waiting)
      admit()
    })

  return {
    async pass(work, options = {}) {
      await enter(options)
      try {
        return await work()
      } finally {
        inside -= 1
        admit()
      }
    },
    turnAway(reason, forMs) {
      if (closed?.until !== Number.POSITIVE_INFINITY) closed = { reason, until: clock() + forMs }
      for (const waiting of queue.splice(0)) waiting.reject(closed.reason())
    },
  }
}
