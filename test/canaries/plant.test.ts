import { describe, expect, test } from 'vitest'
import { plantFixtures } from './fixtures.ts'

const settings = { intake_user: 'intake', unhcr_user: 'unhcr', contact_fallback_user: 'admin' }
const { garden, progres, primero } = plantFixtures(settings)
const texts = Object.values(garden.canaries)

describe('canaries in the fixtures', () => {
  test('a field of a fixture is personal or known not to be: a new one has to be decided on', () => {
    expect([...garden.unknown]).toEqual([])
  })

  test('each stands for one field, in Latin, Geʽez and Arabic', () => {
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.length).toBeGreaterThan(400)
    for (const script of [/^[A-Za-z]+$/, /^[\u1200-\u1246]+$/u, /^[\u0628-\u063a]+$/u, /[ñóéçüžşẹ]/u])
      expect(texts.filter((text) => script.test(text)).length, String(script)).toBeGreaterThan(20)
  })

  test('phones, days, numbers and addresses are in legal form', () => {
    const of = (ending: string) =>
      Object.entries(garden.canaries).flatMap(([field, text]) => (field.endsWith(ending) ? [text] : []))

    for (const phone of of('mobilephone')) expect(phone).toMatch(/^\+25190077\d{4}$/)
    for (const day of of('dateofbirth')) expect(new Date(day).toISOString().slice(0, 10)).toBe(day)
    for (const number of of('progres_id')) expect(number).toMatch(/^\d{3}-\d{8}$/)
    for (const address of of('email')) expect(address).toMatch(/^[a-z]+@example\.org$/)
  })

  test('no canary stands in another', () => {
    expect(texts.filter((one) => texts.some((other) => other !== one && other.includes(one)))).toEqual([])
  })

  test('joined rows go on telling of one child', () => {
    const { interventions } = progres['referral-v5-row-explosion.json'] as never as {
      interventions: readonly Readonly<Record<string, unknown>>[]
    }

    expect(new Set(interventions.map((row) => row['individuals.progres_givenname'])).size).toBe(1)
    expect(primero.cases[6]?.unhcr_individual_no).toBe(primero.cases[7]?.unhcr_individual_no)
  })
})
