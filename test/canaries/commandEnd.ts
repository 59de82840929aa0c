/** Stands on both outputs after a command that ended. */
export function endOf(code: number | string): string {
  return `\n=== exit ${code}\n`
}

/** Output of commands one after another as `[output, exit code]` each. */
export function splitAtEnds(output: string): readonly (readonly [text: string, code: string])[] {
  return [...output.matchAll(/([\s\S]*?)\n=== exit (\d)\n/g)].map(([, text = '', code = '']) => [text, code])
}
