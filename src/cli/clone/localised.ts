import { type Proposal, proposals, withProposals } from '../../mapping/coverage/proposals.ts'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import { readLive, readSnapshot } from '../mappings/coverage.ts'
import { renderTable } from '../textTable.ts'
import type { Answers, CloneOptions } from './answers.ts'
import { yes } from './questions.ts'

/**
 * The tables with the option ids of the country's own Primero, where one was given to read. Every proposal is shown; it is
 * taken when a person says so, or `--accept` did.
 */
export async function localised(
  content: VersionContent,
  { settings }: Answers,
  { readPrimero, snapshot: path, accept, yes: isScript }: CloneOptions,
): Promise<VersionContent> {
  if (readPrimero !== true && path === undefined) return content
  const snapshot = path === undefined ? await readLive(settings) : await readSnapshot(path)
  const found = proposals(content, snapshot, settings.module_id)
  if (found.length === 0) {
    process.stdout.write('This Primero has every option of the tables.\n')
    return content
  }
  process.stdout.write(`Options of the tables that this Primero does not have:\n${render(found)}\n`)
  const isAsked = accept !== true && isScript !== true && process.stdin.isTTY
  if (accept !== true && !isAsked) {
    process.stdout.write('None was taken: add --accept to take those that are proposed.\n\n')
    return content
  }
  if (isAsked && !(await yes('Take those that are proposed?', false))) return content
  return withProposals(content, found)
}

function render(found: readonly Proposal[]): string {
  return renderTable({
    columns: ['table', 'UNHCR calls it', 'id in the table', 'proposed', 'label'],
    rows: found.map(({ table, progres, was, option }) => [
      table,
      progres,
      was,
      option?.id ?? 'none: mend it in the draft',
      option?.label ?? '',
    ]),
  })
}
