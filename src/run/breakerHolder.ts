import { ExchangeError } from '../errors/ExchangeError.ts'
import { ask, type Breaker, closed, type Heard, hear } from './breaker.ts'
import { createLine, type Waiting } from './line.ts'

interface Options {
  /** As people call the system. */
  readonly name: string
  readonly restMs: number
  readonly now: () => Date
  readonly onOpen: () => void
  /** @param downMs  since the first of the silences that opened it */
  readonly onClose: (downMs: number) => void
}

/** The breaker of one system in this process. */
export interface BreakerHolder {
  /**
   * Resolves when a request may be made, with what must be told how it ended. Whoever comes while another one probes waits
   * for what that hears; what follows an answer is bounded by the permits, as ever.
   *
   * @throws REMOTE_DOWN (later, not_reached) at once while the system rests, and when a probe heard nothing
   */
  enter(waiting: Waiting): Promise<(heard: Heard) => void>
  /**
   * For whoever entered and then waited for something else, before the request is sent.
   *
   * @throws REMOTE_DOWN (later, not_reached) when the system fell silent meanwhile
   */
  refuseOpen(): void
}

export function createBreakerHolder({ name, restMs, now, onOpen, onClose }: Options): BreakerHolder {
  let breaker = closed
  const line = createLine(name, () => breaker.state !== 'probing')
  const nowMs = () => now().getTime()

  const become = (next: Breaker) => {
    const before = breaker
    breaker = next
    if (before.state === 'closed' && next.state === 'open') onOpen()
    if (before.state !== 'closed' && next.state === 'closed') onClose(Math.max(nowMs() - before.sinceMs, 0))
    line.serve()
  }

  return {
    async enter({ waitMs, signal }) {
      const lateMs = performance.now() + waitMs
      for (;;) {
        const { leave, next } = ask(breaker, nowMs())
        breaker = next
        if (leave === 'refuse') throw notAsked(name)
        if (leave !== 'wait') {
          const isProbe = leave === 'probe'
          return (heard) => become(hear(breaker, { heard, isProbe, nowMs: nowMs(), restMs }))
        }
        await line.enter({ waitMs: Math.max(lateMs - performance.now(), 0), signal })
      }
    },
    refuseOpen() {
      if (breaker.state === 'open') throw notAsked(name)
    },
  }
}

function notAsked(name: string): ExchangeError {
  return new ExchangeError(`${name} was not asked: it has just left several requests without an answer.`, {
    code: 'REMOTE_DOWN',
    retry: 'later',
    reach: 'not_reached',
    hint: 'It is asked again by itself, by one request first.',
  })
}
