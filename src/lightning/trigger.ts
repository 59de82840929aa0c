import { valueAt } from '../mapping/parse.ts'
import type { DraftTrigger } from '../project/draft.ts'
import { isRecord } from '../project/finding.ts'

/**
 * A trigger as both formats write it, with what of the project is passed on as it stands there.
 *
 * @param cursorKeys  names under which the format has the job whose state a cron run begins with
 */
export function triggerOf(
  { type, enabled, cron, cursorJob, reply, at }: DraftTrigger,
  raw: unknown,
  cursorKeys: readonly string[],
) {
  const written = valueAt(raw, at)
  const more = ['webhook_response_config', 'custom_path'].filter((key) => isRecord(written) && written[key] != null)
  return {
    type: type.value,
    enabled,
    ...(cron === undefined ? {} : { cron_expression: cron.value.trim() }),
    ...(cursorJob === undefined ? {} : Object.fromEntries(cursorKeys.map((key) => [key, cursorJob.value]))),
    ...(reply === undefined ? {} : { webhook_reply: reply.value }),
    ...Object.fromEntries(more.map((key) => [key, isRecord(written) ? written[key] : undefined])),
  }
}
