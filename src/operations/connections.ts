import { type PrimeroClient, type PrimeroConfiguration, primero } from '../adaptors/language-primero/client.ts'

export type State = Record<string, unknown>

/**
 * The Primero client of a step: its credential is Primero's, or one that holds both systems' (`primero`, `dtp`).
 *
 * The configuration was built and validated from the environment when the process began.
 */
export function primeroOf(state: State): PrimeroClient {
  return primero(primeroConfigurationOf(state))
}

export function primeroConfigurationOf(state: State): PrimeroConfiguration {
  const configuration = state.configuration as PrimeroConfiguration & { primero?: PrimeroConfiguration }
  return configuration.primero ?? configuration
}

/** The same state as a step whose credential is the gateway's alone. */
export function withGatewayCredential(state: State): State {
  const configuration = state.configuration as { dtp?: State }
  return configuration.dtp === undefined ? state : { ...state, configuration: configuration.dtp }
}
