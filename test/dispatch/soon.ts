import { setTimeout as sleep } from 'node:timers/promises'

/** Makes the claim again until it holds; the machine may be busy. @throws what it said last */
export async function soon(claim: () => Promise<unknown>, withinMs = 15_000): Promise<void> {
  const until = performance.now() + withinMs
  for (;;) {
    try {
      await claim()
      return
    } catch (error) {
      if (performance.now() > until) throw error
    }
    await sleep(25)
  }
}
