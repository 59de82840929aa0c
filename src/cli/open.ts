import { ExchangeError } from '../errors/ExchangeError.ts'
import { type EnvironmentFor, type Purpose, readEnvironment } from '../project/environment.ts'
import { loadProject } from '../project/load.ts'
import { inOrder, renderProblem } from '../project/problem.ts'
import type { Problem, Project } from '../project/types.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/types.ts'

interface Opened<P extends Purpose> {
  readonly project: Project
  readonly environment: EnvironmentFor<P>
}

/**
 * The project in the current folder and the variables that a command needs.
 *
 * @throws CONFIGURATION with every problem of both at once, a line each
 */
export async function openProject<P extends Purpose>(purpose: P, env = process.env): Promise<Opened<P>> {
  const loaded = await loadProject(process.cwd(), { env })
  const read = readEnvironment(env, { for: purpose })
  if ('project' in loaded && 'environment' in read) {
    for (const warning of read.environment.warnings) process.stderr.write(`warning  ${warning}\n`)
    return { project: loaded.project, environment: read.environment }
  }
  throw configurationError([
    ...('problems' in loaded ? loaded.problems : []),
    ...('problems' in read ? read.problems : []),
  ])
}

/** The variables of a command that needs no project. @throws CONFIGURATION */
export function openEnvironment<P extends Purpose>(purpose: P, env = process.env): EnvironmentFor<P> {
  const read = readEnvironment(env, { for: purpose })
  if ('environment' in read) return read.environment
  throw configurationError(read.problems)
}

/** Opens the store of these variables for one piece of work and closes it after. */
export async function withStore<T>(
  { dataDir, databaseUrl, dataKeys }: Pick<EnvironmentFor<'store'>, 'dataDir' | 'databaseUrl' | 'dataKeys'>,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore({ dataDir, dataKeys, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function configurationError(problems: readonly Problem[]): ExchangeError {
  const lines = inOrder(problems).map(renderProblem)
  return new ExchangeError(
    `the configuration has ${lines.length === 1 ? 'a problem' : `${lines.length} problems`}.\n${lines.join('\n')}`,
    {
      code: 'CONFIGURATION',
      retry: 'never',
      hint: 'See them again with: exchange check',
    },
  )
}
