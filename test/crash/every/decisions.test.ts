import { afterAll, beforeAll } from 'vitest'
import { effectOn, sides } from '../boundaries.ts'
import { decisionIn, decisionOut, referralOut } from '../flows.ts'
import { openSite, type Site } from '../site.ts'
import { endsAsWithoutFaults } from '../suite.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.start()
})
afterAll(() => site.close())

const run = [
  ...sides('accept'),
  ...sides('commit'),
  ...sides('answer'),
  ...sides('claim'),
  ...sides('look-up'),
  ...effectOn('dtp'),
  ...sides('cursor written'),
]
const toUnhcr = { flow: referralOut, points: run, repeatable: false, cutOff: 'in doubt' } as const
endsAsWithoutFaults('a run of send-referrals with a new referral', toUnhcr, () => site)

const decided = { flow: decisionOut, points: run, repeatable: false, cutOff: 'told again' } as const
endsAsWithoutFaults('a run of send-decisions with a new decision', decided, () => site)

const message = [
  ...sides('accept'),
  ...sides('parse'),
  ...sides('encrypt'),
  ...sides('write'),
  ...sides('commit'),
  ...sides('answer'),
  ...sides('claim'),
  ...sides('look-up'),
  ...effectOn('primero'),
  ...sides('erase'),
]
const decision = { flow: decisionIn, points: message, repeatable: false }
endsAsWithoutFaults("UNHCR's decision on a referral", decision, () => site)
