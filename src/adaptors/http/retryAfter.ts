/** Nobody is obeyed for longer than an hour. */
const longestMs = 3_600_000

/**
 * How long the other system asks us to wait, in milliseconds, at most one hour; `undefined` for anything that is
 * neither a number of seconds nor an HTTP date. A date in the past is 0.
 *
 * @param header  value of `Retry-After`; of a repeated header the first counts
 * @source RFC 9110 §10.2.3 (delay-seconds or HTTP-date, three date formats)
 */
export function retryAfterMs(header: string | readonly string[] | undefined, now: Date): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim()
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestMs)
  const at = httpDate(text)
  return at === undefined ? undefined : Math.min(Math.max(at - now.getTime(), 0), longestMs)
}

/** `Date.parse` takes much that is no HTTP date (`"1"` is the year 2001), hence the shapes. */
function httpDate(text: string): number | undefined {
  const fixed = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
  const rfc850 = /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
  const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/
  const dated = fixed.test(text) || rfc850.test(text) ? text : asctime.test(text) ? `${text} GMT` : undefined
  if (dated === undefined) return undefined
  const at = Date.parse(dated)
  return Number.isNaN(at) ? undefined : at
}
