import { AsyncLocalStorage } from 'node:async_hooks'

interface Silence {
  dropped: number
  readonly listen: Listener | undefined
}

/** Gets what is written instead of its being dropped. */
export type Listener = (output: string, values: readonly unknown[]) => void

const silence = new AsyncLocalStorage<Silence>()
const outputs = ['debug', 'dir', 'dirxml', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const

/**
 * Runs `work` with every `console` output in it dropped and counted, also of what it starts and awaits.
 *
 * Adaptors print answers and whole states, which hold children's names. Only what runs inside is silenced: the console of
 * the rest of the process works as before. Direct writes to standard output are not seen.
 *
 * @param listen    somebody who asked to see it all (a person who runs a script by hand)
 * @param onDropped told once, when `work` has ended, and only if something was dropped
 */
export async function withoutConsole<T>(
  work: () => Promise<T>,
  onDropped: (count: number) => void,
  listen?: Listener,
): Promise<T> {
  patchConsole()
  const context: Silence = { dropped: 0, listen }
  try {
    return await silence.run(context, work)
  } finally {
    if (context.dropped > 0) onDropped(context.dropped)
  }
}

const patched = new WeakSet<object>()

/** Also a console that somebody put in place of an earlier one (test runners do). */
function patchConsole(): void {
  const { console } = globalThis
  if (patched.has(console)) return
  patched.add(console)
  for (const output of outputs) {
    const original = console[output]
    console[output] = (...values: unknown[]) => {
      const context = silence.getStore()
      if (context === undefined) Reflect.apply(original, console, values)
      else if (context.listen !== undefined) silence.exit(() => context.listen?.(output, values))
      else context.dropped += 1
    }
  }
}
