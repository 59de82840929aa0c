/**
 * At most `places` pieces of work at a time, first come first served.
 *
 * The pool of `pg` could queue as well, but counts waiting for its turn as waiting for the server and gives up.
 */
export function createPlaces(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places
  const queue: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
