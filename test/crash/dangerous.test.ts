import { afterAll, beforeAll } from 'vitest'
import { effectOn, type Point, sides } from './boundaries.ts'
import { decisionIn, decisionOut, newChild, referralOut } from './flows.ts'
import { openSite, type Site } from './site.ts'
import { endsAsWithoutFaults } from './suite.ts'

/** The points at which most could go wrong; `npm run test:crash` goes through every one. */
let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.start()
})
afterAll(() => site.close())

const after = (points: readonly Point[]) => points.slice(1, 2)
const before = (points: readonly Point[]) => points.slice(0, 1)
const cutOff = (system: 'primero' | 'dtp') =>
  effectOn(system).filter(({ title }) => /^(10 after|12 before)/.test(title))

const arrival = [...after(sides('commit')), ...cutOff('primero'), ...cutOff('dtp'), ...before(sides('erase'))]
const referral = { flow: newChild, points: arrival, repeatable: true, cutOff: 'told again' } as const
endsAsWithoutFaults('a referral of a child that Primero does not know', referral, () => site)

const run = [...cutOff('dtp'), ...before(sides('cursor written'))]
const toUnhcr = { flow: referralOut, points: run, repeatable: false, cutOff: 'in doubt' } as const
endsAsWithoutFaults('a run of send-referrals with a new referral', toUnhcr, () => site)

const decided = { flow: decisionOut, points: run, repeatable: false, cutOff: 'told again' } as const
endsAsWithoutFaults('a run of send-decisions with a new decision', decided, () => site)

const decision = { flow: decisionIn, points: cutOff('primero'), repeatable: false }
endsAsWithoutFaults("UNHCR's decision on a referral", decision, () => site)
