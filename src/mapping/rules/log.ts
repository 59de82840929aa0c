/**
 * The texts of a proGres log: a JSON list of `{CreatedBy, Text, CreatedOn}` held in a string. Undefined where the text
 * is no such log.
 *
 * Only what was written is kept: who wrote it and when is personal data of UNHCR's staff. A log that was cut off on the
 * way still gives its texts, never its authors.
 *
 * @source docs/systems.md §DTP/referral-in
 */
export function logTexts(value: string): string[] | undefined {
  if (!/^\s*\[?\s*\{\s*"(CreatedBy|Text|CreatedOn)"\s*:/.test(value)) return undefined
  return parsed(value) ?? salvaged(value)
}

function parsed(value: string): string[] | undefined {
  let log: unknown
  try {
    log = JSON.parse(value)
  } catch {
    return undefined
  }
  const entries: readonly unknown[] = Array.isArray(log) ? log : [log]
  return entries
    .map((entry) => (typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'Text') : undefined))
    .filter((text) => typeof text === 'string')
}

/** The closing quote of the last text may be what was cut off. */
function salvaged(value: string): string[] {
  return [...value.matchAll(/"Text"\s*:\s*"((?:[^"\\]|\\.)*)/gs)].map(([, text = '']) => unescaped(text))
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text.replace(/\n/g, '\\n')}"`))
  } catch {
    return text.replace(/\\(.)/gs, '$1')
  }
}
