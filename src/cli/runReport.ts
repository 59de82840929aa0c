interface ReportOptions {
  readonly logJson?: true
  readonly log?: string
}

export interface Reporter {
  /** Takes one line of our log. */
  readonly line: (line: string) => void
  /** Takes what a job writes to its console. */
  readonly console: (output: string, values: readonly unknown[]) => void
  readonly say: (level: string, text: string, name?: string) => void
}

const ranks: Readonly<Record<string, number>> = { debug: 0, info: 1, success: 2, warn: 2, error: 2 }
const least: Readonly<Record<string, number>> = { debug: 0, info: 1, default: 1, none: 3 }

/**
 * What a run by hand tells, on standard error: lines for people, or with `--log-json` a JSON object a line in OpenFn's shape
 * `{ level, name, message: [], time }`. `R/T` is the runtime, `JOB` the script.
 */
export function reporter({ logJson, log = 'default' }: ReportOptions): Reporter {
  const say = (level: string, text: string, name = 'R/T') => {
    if ((ranks[level] ?? 1) < (least[log] ?? 1)) return
    const line =
      logJson === true ? JSON.stringify({ level, name, message: [text], time: Date.now() }) : `[${name}] ${text}`
    process.stderr.write(`${line}\n`)
  }
  return {
    say,
    line: (line) => {
      const { time: _time, level, fact, ...fields }: Record<string, unknown> = JSON.parse(line)
      const told = Object.entries(fields).map(([key, value]) => `${key} ${value}`)
      if (fact !== 'step failed')
        say(fact === 'step finished' ? 'info' : String(level), [`${fact}:`, told.join(', ')].join(' '))
    },
    console: (output, values) => {
      say(output in ranks ? output : 'info', values.map(shown).join(' '), 'JOB')
    },
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
