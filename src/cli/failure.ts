import { ExchangeError } from '../errors/ExchangeError.ts'
import { placeOf } from '../errors/placeOf.ts'
import { RunStop } from '../run/failure.ts'

/**
 * What, where, what now. An unforeseen error shows its class and place alone: its text may quote a child's data.
 */
export function renderFailure(error: unknown): string {
  if (error instanceof ExchangeError || error instanceof RunStop) {
    return `exchange: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`
  }
  const { error_name: name, at } = placeOf(error)
  const where = at === undefined ? '' : ` in ${at}`
  return `exchange: an unforeseen ${name}${where}.\n  This is a bug. Please report it with this line and the command; add no data of a child.\n`
}
