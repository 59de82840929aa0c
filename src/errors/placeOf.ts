/**
 * Where an unforeseen error was thrown, for the log: its class and the first place in a source file, `step.ts:42:7`.
 * Never its message: the text of a foreign error may hold a child's data.
 */
export function placeOf(error: unknown): { error_name: string; at: string | undefined } {
  if (!(error instanceof Error)) return { error_name: typeof error, at: undefined }
  // The message stands in the stack too, and may have lines that look like frames.
  const frames = (error.stack ?? '').replace(error.message, '')
  const frame = /^\s+at .*?([\w.-]+\.[jt]s:\d+:\d+)\)?$/m.exec(frames)
  return { error_name: error.constructor.name, at: frame?.[1] }
}
