const said = new Set<string>()

/**
 * Says once a process that a job uses an old or risky form. The text holds names of operations and parameters only.
 *
 * @param code  what programs test: `PRIMERO_OLD_PARAMETERS`, …
 */
export function warn(code: string, text: string): void {
  if (said.has(`${code} ${text}`)) return
  said.add(`${code} ${text}`)
  process.emitWarning(text, { type: 'AdaptorWarning', code })
}
