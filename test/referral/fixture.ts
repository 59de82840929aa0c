import { readFileSync } from 'node:fs'

/** A file of fixtures/, parsed: `fixture('progres/referral-v8-minimal')`. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'))
}
