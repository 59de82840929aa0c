import { readUsers } from '../../admin/users/usersFile.ts'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { specificationAt } from '../../mapping/inForce.ts'
import { readEnvironment, type StartEnvironment } from '../../project/environment.ts'
import { loadProject } from '../../project/load.ts'
import { inOrder, renderProblem } from '../../project/problem.ts'
import type { Project } from '../../project/types.ts'
import { surveyDataKeys } from '../../store/dataKeyUse.ts'
import { atRestChecks } from './atRest.ts'
import { type ConfigurationEvidence, configurationChecks } from './configuration.ts'
import { lookAtDtp } from './lookAtDtp.ts'
import { lookAtPrimero } from './lookAtPrimero.ts'
import { lookAtRepository } from './lookAtRepository.ts'
import { lookAtSecrets } from './lookAtSecrets.ts'
import { lookAtStore } from './lookAtStore.ts'
import { formsChecks, mappingChecks } from './mapping.ts'
import { type PeopleEvidence, peopleChecks } from './people.ts'
import { clockChecks, reachChecks } from './reach.ts'
import { repositoryChecks } from './repository.ts'
import { roleChecks } from './role.ts'
import { isUnseen, judgeAll, type Row, type Unseen } from './row.ts'
import { secretsChecks } from './secrets.ts'

interface Asked {
  readonly root: string
  readonly env: NodeJS.ProcessEnv
  readonly now: Date
  /** Told what is looked at next. */
  readonly progress: (what: string) => void
}

/**
 * The whole checklist against the configuration that runs and the systems it reaches. Reads only: no case is opened, no
 * message is sent.
 */
export async function examine({ root, env, now, progress }: Asked): Promise<readonly Row[]> {
  progress('project and variables')
  const loaded = await loadProject(root, { env })
  const read = readEnvironment(env, { for: 'start', now })
  const configuration: ConfigurationEvidence = {
    problems: inOrder([
      ...('problems' in loaded ? loaded.problems : []),
      ...('problems' in read ? read.problems : []),
    ]).map(renderProblem),
  }
  const first = judgeAll(configurationChecks, configuration)
  if (!('project' in loaded) || !('environment' in read)) return [...first, ...unseenRows()]
  return [...first, ...(await examineAll({ root, env, now, progress }, loaded.project, read.environment))]
}

async function examineAll(
  { root, env, now, progress }: Asked,
  project: Project,
  environment: StartEnvironment,
): Promise<readonly Row[]> {
  const specification = specificationAt(project.specification, now)
  progress('store')
  const dataKeys = await orUnseen(() => surveyDataKeys(environment))
  const store = await lookAtStore(environment, now)
  progress('repository')
  const { dataDir, usersFile, witnessPath } = environment
  const repository = await lookAtRepository(root, specification, [dataDir, usersFile, witnessPath])
  progress('DTP')
  const dtp = await lookAtDtp(environment)
  progress('Primero')
  const primero = await lookAtPrimero(environment, specification)
  const secrets = isUnseen(dataKeys) ? dataKeys : lookAtSecrets(env, environment, dataKeys, now)
  const people: PeopleEvidence | Unseen = await orUnseen(async () => ({
    users: await readUsers(usersFile),
    usersFile,
    now,
    logLevel: environment.logLevel,
  }))
  return [
    ...judgeAll(atRestChecks, store),
    ...judgeAll(repositoryChecks, repository),
    ...judgeAll(secretsChecks, secrets),
    ...judgeAll(peopleChecks, people),
    ...judgeAll(roleChecks, primero.role),
    ...judgeAll(formsChecks, primero.forms),
    ...judgeAll(mappingChecks, primero.mapping),
    ...judgeAll(reachChecks, dtp),
    ...judgeAll(clockChecks, primero.clock),
  ].toSorted(byNumber)
}

/** Every other row, when there is no configuration to look at. */
function unseenRows(): readonly Row[] {
  const unseen = { unseen: 'the configuration has to be mended first' }
  return [
    ...judgeAll(atRestChecks, unseen),
    ...judgeAll(repositoryChecks, unseen),
    ...judgeAll(secretsChecks, unseen),
    ...judgeAll(peopleChecks, unseen),
    ...judgeAll(roleChecks, unseen),
    ...judgeAll(formsChecks, unseen),
    ...judgeAll(mappingChecks, unseen),
    ...judgeAll(reachChecks, unseen),
    ...judgeAll(clockChecks, unseen),
  ].toSorted(byNumber)
}

/** The pilot's numbers first, then the rest as they come. */
function byNumber(one: Row, other: Row): number {
  const rank = ({ id }: Row) => (/^C\d$/.test(id) ? Number(id.slice(1)) : 10)
  return rank(one) - rank(other)
}

async function orUnseen<T>(look: () => Promise<T>): Promise<T | Unseen> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ExchangeError) return { unseen: error.message }
    throw error
  }
}
