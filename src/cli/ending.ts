/** 0 done; 1 wrong use or configuration; 2 something was refused, waits or is in doubt. */
export type ExitCode = 0 | 1 | 2

/** Makes a command's handler, which returns its exit code, an action: `.action(ending(async (options) => 0))`. */
export function ending<Arguments extends unknown[]>(handler: (...args: Arguments) => Promise<ExitCode>) {
  return async (...args: Arguments): Promise<void> => {
    process.exitCode = await handler(...args)
  }
}
