import type { Store } from '../../src/store/types.ts'

/** A store as a process has it: after `kill` the process gets no answer any more, and nothing more is written. */
export function mortal(store: Store): { readonly store: Store; kill(): void } {
  let dead = false
  const guarded = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name)
        if (typeof found === 'object' && found !== null) return guarded(found)
        if (typeof found !== 'function' || name === 'fingerprint') return found
        return (...given: unknown[]) => (dead ? new Promise(() => {}) : Reflect.apply(found, target, given))
      },
    })
  return {
    store: guarded(store),
    kill: () => {
      dead = true
    },
  }
}
