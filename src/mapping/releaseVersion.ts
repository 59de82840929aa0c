import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Releases } from './country.ts'

export interface SignOff {
  readonly by: string
  /** `YYYY-MM-DD` */
  readonly on: string
  readonly agreement: string
}

interface Release {
  readonly version: string
  /** Of the files as they are now (`specificationHash`). */
  readonly hash: string
  /** Day of the release, `YYYY-MM-DD`. */
  readonly on: string
  readonly signedOff: SignOff
  readonly note?: string | undefined
}

/** `versions.json` with one more release. The file is replaced whole: a reader sees the old one or the new one. */
export async function writeRelease(root: string, folder: string, releases: Releases, release: Release): Promise<void> {
  const { version, hash, on, signedOff, note } = release
  const entry = { hash, on, signed_off: signedOff, ...(note === undefined ? {} : { note }) }
  const released = Object.entries({ ...releases.released, [version]: entry })
  released.sort(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1)))
  const content = { ...releases, released: Object.fromEntries(released) }
  const path = join(root, folder, 'versions.json')
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`)
  await rename(`${path}.new`, path)
}
