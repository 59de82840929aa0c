import { describe, expect, test } from 'vitest'
import { contactOf } from '../../src/referral/contact.ts'

const owner = {
  user_name: 'cw1',
  full_name: 'Case Worker One',
  position: 'Case Worker',
  email: 'cw1@example.org',
  phone: '+251900000001',
}
const admin = {
  user_name: 'admin',
  full_name: 'Site Administrator',
  position: 'CPIMS+ Administrator',
  email: 'admin@example.org',
  phone: '+251900000002',
}
const { user_name: _owner, ...ownersContact } = owner
const { user_name: _admin, ...adminsContact } = admin

test('the owner of the case is the contact', () => {
  expect(contactOf(owner, admin)).toEqual(ownersContact)
})

describe('D65: UNHCR was given the data of several people, or of a test person; all four are of one person', () => {
  test.each(['full_name', 'position', 'email', 'phone'])(
    'an owner without %s is not mixed with the fallback',
    (field) => {
      expect(contactOf({ ...owner, [field]: ' ' }, admin)).toEqual(adminsContact)
    },
  )

  test.each([undefined, null, 'cw1', {}])('an unknown owner (%j) leaves the fallback', (unknown) => {
    expect(contactOf(unknown, admin)).toEqual(adminsContact)
  })

  test('where neither is complete there is no contact', () => {
    expect(contactOf({ ...owner, phone: '' }, { ...admin, email: null })).toBeUndefined()
    expect(contactOf(undefined, undefined)).toBeUndefined()
  })
})

test('D68: a phone kept as text keeps its plus sign and zeros', () => {
  expect(contactOf({ ...owner, phone: '+251009000000' }, admin)?.phone).toBe('+251009000000')
})
