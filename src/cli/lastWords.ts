import { writeSync } from 'node:fs'
import { renderFailure } from './failure.ts'

/**
 * What this process says when something throws where nobody catches it, in a timer of a job or an adaptor for instance: the
 * error's class and place, as of any unforeseen error, then exit code 1.
 *
 * Node itself would print the error's text, which may quote a child's data, and as a diagnostic report (`--report-…` in
 * NODE_OPTIONS) write it into a file together with all variables, secrets included. So reports are switched off, and of
 * warnings, whose text is as free, only those of our own adaptors are shown: they hold names of operations and fields.
 */
export function guardLastWords(): void {
  const { report } = process
  report.reportOnUncaughtException = false
  report.reportOnFatalError = false
  report.reportOnSignal = false
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => {
    if (name === 'AdaptorWarning') process.stderr.write(`warning  ${message}\n`)
  })
  process.on('uncaughtException', (error: unknown) => {
    process.exitCode = 1
    try {
      writeSync(process.stderr.fd, renderFailure(error))
    } finally {
      process.exit(1)
    }
  })
}
