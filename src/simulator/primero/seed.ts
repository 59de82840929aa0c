import { readFileSync } from 'node:fs'
import type { Profile, Seed } from './types.ts'

const folder = new URL('../../../fixtures/primero/', import.meta.url)

/**
 * What the simulator starts with: fixtures/primero, with the given parts in place of theirs.
 *
 * A seed that brings its own cases brings its own referrals too: those of the fixtures belong to cases that are not there.
 */
export function readSeed(given: Partial<Seed> = {}, profile: Profile): Seed {
  const own = given.cases ? { referrals: [] } : {}
  const seed: Seed = {
    cases: read('cases'),
    referrals: read('referrals'),
    users: read('users'),
    agencies: read('agencies'),
    lookups: read('lookups'),
    forms: read('forms'),
    locations: read('locations'),
    system_settings: read('system_settings'),
    contact_information: read('contact_information'),
    ...own,
    ...given,
  }
  const version = profile === '2.6' ? '2.6.3' : '2.15.2'
  return { ...seed, contact_information: { ...seed.contact_information, system_version: version } }
}

// Nothing changes what it holds, so that simulators of one process share it.
const files = new Map<string, ReturnType<typeof JSON.parse>>()

function read(name: string): ReturnType<typeof JSON.parse> {
  const known = files.get(name) ?? JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
  files.set(name, known)
  return known
}
