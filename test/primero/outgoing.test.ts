import { describe, expect, onTestFinished, test } from 'vitest'
import { primero } from '../../src/adaptors/language-primero/client.ts'
import { postToDtp } from '../../src/operations/dtp.ts'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import { configurationFor, failureOf, list, serve } from './server.ts'

const uuid = '11111111-1111-4111-8111-111111111111'

type Send = (url: string, tls?: Readonly<Record<string, unknown>>) => Promise<unknown>

/** A write and a read with credentials, and a post with a certificate. */
const systems: Readonly<Record<string, Send>> = {
  Primero: (url, tls = {}) => primero(configurationFor(url, { tls })).getReferrals(uuid),
  DTP: (url, tls) =>
    postToDtp(
      {
        configuration: {
          baseUrl: url,
          subscriptionKey: 'invented',
          timeoutMs: 2_000,
          concurrency: 1,
          ...(tls && { tls }),
        },
      },
      'ReceiveIncomingReferral',
      { invented: true },
    ),
}

describe.each(Object.entries(systems))('requests to %s', (_, send) => {
  test.each([301, 302, 303, 307, 308])(
    'a %i to another machine is not followed: that one hears nothing',
    async (status) => {
      const other = await serve((_, response) => list(response, []))
      const { url, seen } = await serve((_, response) =>
        response.writeHead(status, { location: `${other.url}/elsewhere` }).end(),
      )

      const error = await failureOf(send(url))

      expect(error).toMatchObject({ code: 'REMOTE_REFUSED', retry: 'never', status })
      expect([seen.length, other.seen.length]).toEqual([1, 0])
    },
  )

  test('a server of an unknown authority is not spoken to, also where Node was told to trust everybody', async () => {
    const { server, client } = await makeCertificates()
    const { url, seen } = await serve((_, response) => list(response, []), server)
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
    })

    const error = await failureOf(send(url, { ...client }))

    expect(error).toMatchObject({ code: 'REMOTE_DOWN', reach: 'not_reached' })
    expect(error.message).toContain('comes from an authority that is not known here')
    expect(seen).toEqual([])
  })

  test('TLS 1.1 is not spoken, also where a credential asks for it', async () => {
    const { ca, server, client } = await makeCertificates()
    const { url, seen } = await serve((_, response) => list(response, []), {
      ...server,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as typeof server)

    const error = await failureOf(send(url, { ...client, ca, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))

    expect(error).toMatchObject({ code: 'REMOTE_DOWN', reach: 'not_reached' })
    expect(seen).toEqual([])
  })

  test.each(['http://192.0.2.1', 'http://127.0.0.1.example.org', 'ftp://127.0.0.1'])(
    '%s is refused before anything is sent',
    async (url) => {
      expect(await failureOf((async () => send(url))())).toMatchObject({ code: 'CONFIGURATION', retry: 'never' })
    },
  )
})
