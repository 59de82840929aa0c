import { Cron } from 'croner'

/** What is wrong with a cron expression as OpenFn reads it (five fields, UTC), as the end of a sentence. */
export function cronProblem(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/)
  if (fields.length !== 5)
    return `a cron expression has five fields (minute hour day month weekday); this one has ${fields.length}.`
  if (!/^[\w*/,\-\s]+$/.test(expression)) return 'is no cron expression that OpenFn understands.'
  try {
    const next = new Cron(expression.trim(), { paused: true, mode: '5-part', timezone: 'UTC' }).nextRun()
    return next === null ? 'never comes due.' : undefined
  } catch {
    return 'is no cron expression.'
  }
}
