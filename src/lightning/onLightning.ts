import { withExchange } from '../adaptors/language-exchange/exchange.ts'
import { type Facts, type Step, startStep } from './step.ts'

type State = Readonly<Record<string, unknown>>
type Operation = (state: State) => unknown

/**
 * The operations of a job of ours for OpenFn's runtime: before them one that opens what the exchange offers to operations,
 * over collections; after them one that writes down what is left for later runs.
 */
export function onLightning(job: readonly Operation[], facts: Facts): readonly Operation[] {
  let step: Step | undefined
  const current = (): Step => {
    if (step === undefined) throw new Error('An operation ran before the beginning of its step.')
    return step
  }
  return [
    async (state) => {
      step = await startStep(state, facts)
      return step.state
    },
    ...job.map(
      (operation): Operation =>
        (state) =>
          withExchange(current().services, async () => operation(state)),
    ),
    (state) => current().end(state),
  ]
}
