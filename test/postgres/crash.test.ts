import { afterAll, beforeAll } from 'vitest'
import { effectOn, type Point, sides } from '../crash/boundaries.ts'
import { decisionIn, decisionOut, newChild, referralOut } from '../crash/flows.ts'
import { openSite, type Site } from '../crash/site.ts'
import { endsAsWithoutFaults } from '../crash/suite.ts'
import { postgresPlace } from './place.ts'

/** The points of `test/crash/dangerous.test.ts`, with the store on PostgreSQL, and those around each COMMIT. */
let place: Awaited<ReturnType<typeof postgresPlace>>
let site: Site
beforeAll(async () => {
  place = await postgresPlace()
  site = await openSite(place.databaseUrl)
  await site.start()
})
afterAll(async () => {
  await site.close()
  await place.remove()
})

const cutOff = (system: 'primero' | 'dtp') =>
  effectOn(system).filter(({ title }) => /^(9|10) after|^12/.test(title)) satisfies readonly Point[]

const arrival = [...sides('commit'), ...sides('claim'), ...cutOff('primero'), ...cutOff('dtp'), ...sides('erase')]
const referral = { flow: newChild, points: arrival, repeatable: true, cutOff: 'told again' } as const
endsAsWithoutFaults('on PostgreSQL, a referral of a child that Primero does not know', referral, () => site)

const run = [...cutOff('dtp'), ...sides('cursor written')]
const toUnhcr = { flow: referralOut, points: run, repeatable: false, cutOff: 'in doubt' } as const
endsAsWithoutFaults('on PostgreSQL, a run of send-referrals with a new referral', toUnhcr, () => site)

const decided = { flow: decisionOut, points: run, repeatable: false, cutOff: 'told again' } as const
endsAsWithoutFaults('on PostgreSQL, a run of send-decisions with a new decision', decided, () => site)

const decision = { flow: decisionIn, points: cutOff('primero'), repeatable: false }
endsAsWithoutFaults("on PostgreSQL, UNHCR's decision on a referral", decision, () => site)
