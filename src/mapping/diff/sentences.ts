import type { SentencesFile } from '../version.ts'
import type { Change } from './changes.ts'
import { differences } from './differences.ts'

/** Differences of what the other agency reads, by language and code. */
export function sentenceChanges(before: SentencesFile, after: SentencesFile): Change[] {
  const part = 'sentences'
  const said = (['en', 'fr'] as const).flatMap((language) =>
    differences(before[language], after[language]).map(({ name, ...texts }): Change => {
      const kind = texts.before === undefined ? 'added' : texts.after === undefined ? 'removed' : 'changed'
      const what = [{ name: language, ...texts }]
      const meaning = `UNHCR reads ${kind === 'changed' ? 'another sentence' : kind === 'added' ? 'a sentence of its own' : 'the general sentence'}.`
      return { part, row: name, kind, what, meaning }
    }),
  )
  const head = differences(before, after, ['en', 'fr', '$schema'])
  if (head.length === 0) return said
  return [{ part, row: '', kind: 'changed', what: head, meaning: 'UNHCR reads what it read before.' }, ...said]
}
