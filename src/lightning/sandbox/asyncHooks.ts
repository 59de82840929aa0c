/**
 * In the place of `node:async_hooks`. OpenFn evaluates a job anew for each step, so one store a module is one a run; it is
 * kept until the outermost `run` has ended, whatever goes on in between.
 */
export class AsyncLocalStorage<T> {
  private store: T | undefined

  getStore(): T | undefined {
    return this.store
  }

  async run<R>(store: T, work: () => Promise<R>): Promise<R> {
    const before = this.store
    this.store = store
    try {
      return await work()
    } finally {
      this.store = before
    }
  }
}
