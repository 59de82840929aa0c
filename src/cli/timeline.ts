export interface Timeline {
  /** A line of its own. */
  say(text: string): void
  flow(title: string): void
  /** One thing that happened: who, what. */
  event(who: string, what: string): void
  end(problems: readonly string[]): void
}

const whoWidth = 22

/** What a demo prints, with seconds since each flow began. */
export function createTimeline(write: (line: string) => void, nowMs = () => performance.now()): Timeline {
  const beganMs = nowMs()
  let flowMs = beganMs
  return {
    say: write,
    flow(title) {
      flowMs = nowMs()
      write(`\n${title}`)
    },
    event(who, what) {
      const seconds = ((nowMs() - flowMs) / 1000).toFixed(1).padStart(5)
      write(`${seconds} s  ${who.padEnd(whoWidth)}  ${what}`)
    },
    end(problems) {
      const total = ((nowMs() - beganMs) / 1000).toFixed(1)
      write('')
      if (problems.length === 0) write(`Both systems hold what they should, after ${total} s.`)
      for (const problem of problems) write(`Not as it should be: ${problem}`)
    },
  }
}
