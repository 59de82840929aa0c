import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createSecretCheck } from '../../src/store/secretCheck.ts'
import { createFailures } from '../../src/trigger/failures.ts'
import { mediaRefusal } from '../../src/trigger/media.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000)

describe('failures', () => {
  it('blocks an address at the limit until its minute is over', () => {
    const failures = createFailures(3)
    for (let n = 0; n < 3; n++) failures.count('198.51.100.7', at(n))

    expect(failures.blockedFor('198.51.100.7', at(10))).toBe(50)
    expect(failures.blockedFor('198.51.100.7', at(59.9))).toBe(1)
    expect(failures.blockedFor('198.51.100.7', at(60))).toBeUndefined()
  })

  it('does not block below the limit, nor anybody else', () => {
    const failures = createFailures(3)
    failures.count('198.51.100.7', at(0))
    failures.count('198.51.100.7', at(0))

    expect(failures.blockedFor('198.51.100.7', at(1))).toBeUndefined()
    failures.count('198.51.100.7', at(1))
    expect(failures.blockedFor('198.51.100.7', at(1))).toBe(59)
    expect(failures.blockedFor('198.51.100.8', at(1))).toBeUndefined()
  })

  it('forgets what is older than a minute', () => {
    const failures = createFailures(2)
    failures.count('198.51.100.7', at(0))
    failures.count('198.51.100.7', at(61))

    expect(failures.blockedFor('198.51.100.7', at(62))).toBeUndefined()
  })

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::', true],
    ['2001:db8::1', '2001:db8:0:0:5::', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
  ])('counts %s and %s as one network: %s', (one, other, isOne) => {
    const failures = createFailures(1)

    failures.count(one, at(0))

    expect(failures.blockedFor(other, at(0)) !== undefined).toBe(isOne)
  })
})

describe('secret check', () => {
  const isToken = createSecretCheck(['current-token', 'old-token'])

  it.each([
    ['current-token', true],
    ['old-token', true],
    ['current-toke', false],
    ['current-token ', false],
    ['CURRENT-TOKEN', false],
    ['current-token,old-token', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (presented, expected) => {
    expect(isToken(presented)).toBe(expected)
  })

  it('no secret lets nobody in, not even with nothing', () => {
    expect(createSecretCheck([])('')).toBe(false)
    expect(createSecretCheck([''])('')).toBe(false)
  })
})

describe('media', () => {
  it.each<[IncomingMessage['headers'], string | undefined]>([
    [{ 'content-type': 'application/json' }, undefined],
    [{ 'content-type': 'Application/JSON; Charset=UTF-8' }, undefined],
    [{ 'content-type': 'application/json;charset="utf-8"' }, undefined],
    [{ 'content-type': 'application/ld+json; profile="x"' }, undefined],
    [{ 'content-type': 'application/json', 'content-encoding': 'identity' }, undefined],
    [{}, 'not_json_media'],
    [{ 'content-type': '' }, 'not_json_media'],
    [{ 'content-type': 'text/json' }, 'not_json_media'],
    [{ 'content-type': 'text/plain' }, 'not_json_media'],
    [{ 'content-type': 'application/xml' }, 'not_json_media'],
    [{ 'content-type': 'application/jsonx' }, 'not_json_media'],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 'not_json_media'],
    [{ 'content-type': 'application/json; charset=utf-16' }, 'not_json_media'],
    [{ 'content-type': 'application/json; charset=iso-8859-1' }, 'not_json_media'],
    [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'encoded'],
    [{ 'content-type': 'application/json', 'content-encoding': 'identity, br' }, 'encoded'],
  ])('%o: %s', (headers, expected) => {
    expect(mediaRefusal(headers)).toBe(expected)
  })
})
