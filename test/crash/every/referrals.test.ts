import { afterAll, beforeAll } from 'vitest'
import { effectOn, sides } from '../boundaries.ts'
import { knownChild, newChild } from '../flows.ts'
import { openSite, type Site } from '../site.ts'
import { endsAsWithoutFaults } from '../suite.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.start()
})
afterAll(() => site.close())

const points = [
  ...sides('accept'),
  ...sides('parse'),
  ...sides('encrypt'),
  ...sides('write'),
  ...sides('commit'),
  ...sides('answer'),
  ...sides('claim'),
  ...sides('look-up'),
  ...effectOn('primero'),
  ...effectOn('dtp'),
  ...sides('erase'),
]
const child = { flow: newChild, points, repeatable: true, cutOff: 'told again' } as const
endsAsWithoutFaults('a referral of a child that Primero does not know', child, () => site)

const addition = [...sides('look-up'), ...effectOn('primero'), ...effectOn('dtp')]
const known = { flow: knownChild, points: addition, repeatable: true, cutOff: 'told again' } as const
endsAsWithoutFaults('a referral of a child that has a case', known, () => site)
