import { ExchangeError } from '../errors/ExchangeError.ts'

export interface Waiting {
  readonly waitMs: number
  readonly signal?: AbortSignal | undefined
}

/** Those who wait for a place, first come first served. */
export interface Line {
  /** Resolves when a place was taken. @throws REMOTE_DOWN (later, not_reached) after `waitMs`, or when aborted */
  enter(waiting: Waiting): Promise<void>
  /** Lets in whom there is a place for. */
  serve(): void
  /** Sends everybody away. */
  refuse(error: unknown): void
  length(): number
}

interface Place {
  readonly let: () => void
  readonly refuse: (error: unknown) => void
}

/** @param take  takes a place; false: there is none now */
export function createLine(name: string, take: () => boolean): Line {
  const line = new Set<Place>()

  const serve = () => {
    for (const place of line) {
      if (!take()) return
      place.let()
    }
  }

  return {
    serve,
    enter({ waitMs, signal }) {
      if (line.size === 0 && signal?.aborted !== true && take()) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', giveUp)
          line.delete(place)
        }
        const place: Place = {
          let: () => {
            leave()
            resolve()
          },
          refuse: (error) => {
            leave()
            reject(error)
          },
        }
        const giveUp = () => place.refuse(notBegun(`A request to ${name} was given up before it was sent.`))
        const late = () => place.refuse(notBegun(`No request to ${name} could be begun within ${waitMs} ms.`))
        const timer = setTimeout(late, waitMs)
        signal?.addEventListener('abort', giveUp, { once: true })
        line.add(place)
        if (signal?.aborted) giveUp()
      })
    },
    refuse(error) {
      for (const place of line) place.refuse(error)
    },
    length: () => line.size,
  }
}

function notBegun(message: string): ExchangeError {
  return new ExchangeError(message, {
    code: 'REMOTE_DOWN',
    retry: 'later',
    reach: 'not_reached',
    hint: 'Other requests to it, of this process or another, take so long; it is tried again by itself.',
  })
}
