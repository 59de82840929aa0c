import type { IncomingHttpHeaders } from 'node:http'
import type { Refusal } from './refusals.ts'

/** Why a body with these headers cannot be JSON in UTF-8; undefined when it can. Without a content type it is refused. */
export function mediaRefusal(headers: IncomingHttpHeaders): Refusal | undefined {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== '') return 'encoded'
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim())) return 'not_json_media'
  const charsets = parameters
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter.startsWith('charset'))
  return charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset)) ? undefined : 'not_json_media'
}
