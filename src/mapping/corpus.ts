import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonFile } from './json.ts'
import type { Corpus } from './laws/corpus.ts'
import { jsonNames, readJson } from './read.ts'
import type { SpecificationProblem } from './types.ts'

/** Samples of a folder such as `fixtures`: messages in `progres`, cases in `primero/cases.json`, and `no-map.json`. */
export async function readCorpus(
  root: string,
  folder: string,
): Promise<{ readonly corpus: Corpus; readonly problems: readonly SpecificationProblem[] }> {
  const problems: SpecificationProblem[] = []
  const read = async (file: string): Promise<JsonFile[]> => {
    const json = await readJson(root, `${folder}/${file}`)
    if (!('problems' in json)) return [json]
    problems.push(...json.problems)
    return []
  }
  const ifThere = (file: string) => (existsSync(join(root, folder, file)) ? read(file) : [])
  const names = await jsonNames(join(root, folder, 'progres'))
  const messages = await Promise.all(names.map((name) => read(`progres/${name}.json`)))
  const cases = await ifThere('primero/cases.json')
  const [noMap] = await ifThere('no-map.json')
  return { corpus: { messages: messages.flat(), cases, noMap }, problems }
}
