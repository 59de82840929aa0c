import { setTimeout as sleep } from 'node:timers/promises'

/** What `look` finds. Patient: the machine may be busy; a test that passes does not wait for it. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  patienceMs = 40_000,
): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`Waited ${patienceMs} ms in vain for: ${what}.`)
    await sleep(25)
  }
}
