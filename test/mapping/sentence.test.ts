import { describe, expect, it } from 'vitest'
import { toldCodes } from '../../src/mapping/laws/sentences.ts'
import { sentence } from '../../src/mapping/sentence.ts'
import { copyOfMappings, gambella, loaded } from './gambella.ts'

const specification = await gambella()

describe('what UNHCR is told', () => {
  it('names every missing field', () => {
    const fields = ['individuals.progres_id', 'individuals.progres_givenname', 'individuals.progres_id']

    expect(sentence(specification, 'FIELDS_MISSING', { fields })).toBe(
      'The referral could not be delivered to Primero: required fields are missing: individuals.progres_id, ' +
        'individuals.progres_givenname. Please complete them and send the referral again.',
    )
  })

  it('quotes a refused service type and lists the accepted ones', () => {
    const said = sentence(specification, 'SERVICE_TYPE_NOT_AGREED', { value: 'Cash', accepted: ['BID', 'BIA'] })

    expect(said).toContain('"Cash"')
    expect(said).toContain('Accepted are: BID, BIA.')
  })

  it('says of a code without a sentence that it was a technical reason, not which', () => {
    expect(sentence(specification, 'STORE_DAMAGED')).toBe(sentence(specification, 'UNFORESEEN'))
    expect(sentence(specification, 'constructor')).toBe(sentence(specification, 'UNFORESEEN'))
  })

  it('keeps a quoted value on one line, short, and free of placeholders of its own', () => {
    const said = sentence(specification, 'SERVICE_TYPE_NOT_AGREED', { value: `a\n\0{fields}$&${'x'.repeat(500)}` })

    expect(said).toContain('"a {fields}$&xxx')
    expect(said.length).toBeLessThan(400)
  })

  it('leaves a mark where nothing was given', () => {
    expect(sentence(specification, 'FIELDS_INVALID')).toContain('cannot be right: —.')
    expect(sentence(specification, 'SERVICE_TYPE_NOT_AGREED', { value: '' })).toContain('"—"')
  })

  it('has a sentence for every code that can be told, in English and in French', async () => {
    const copy = await copyOfMappings()
    await copy.edit('settings.json', '"language": "en"', '"language": "fr"')
    const french = loaded(await copy.load())

    for (const code of toldCodes) {
      expect(sentence(french, code)).not.toBe(sentence(specification, code))
      expect(sentence(french, code)).toMatch(/^La référence n'a pas pu/)
      expect(sentence(specification, code)).toMatch(/^The referral could not be delivered/)
    }
  })
})
