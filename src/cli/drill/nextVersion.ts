/** `v1` → `v2`; what has another form gets `-drill` at its end. */
export function nextVersion(version: string): string {
  const number = /^v(\d+)$/.exec(version)?.[1]
  return number === undefined ? `${version}-drill` : `v${Number(number) + 1}`
}
