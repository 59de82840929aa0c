import type { generate as Generate } from 'selfsigned'
import { loadSelfsigned } from './development.ts'

export interface KeyPair {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS#8. */
  readonly key: string
}

export interface Certificates {
  /** The authority's certificate, PEM: what a client must trust and a server asks client certificates of. */
  readonly ca: string
  readonly server: KeyPair
  readonly client: KeyPair
}

export interface CertificateOptions {
  /** Of the client's certificate. Default `valid`; `other-authority` is in date and signed by somebody unknown. */
  readonly client?: 'valid' | 'expired' | 'not-yet-valid' | 'other-authority'
  /** Of the server's certificate. */
  readonly server?: 'valid' | 'expired' | 'not-yet-valid' | 'other-authority'
  /** Common name of the client. */
  readonly clientName?: string
}

/**
 * A private authority, a server certificate for localhost, 127.0.0.1 and ::1, and a client certificate, made now.
 *
 * Elliptic curve keys: some ten milliseconds for all of it, where RSA takes a second.
 */
export async function makeCertificates(options: CertificateOptions = {}): Promise<Certificates> {
  const { generate } = await loadSelfsigned()
  const [authority, stranger] = await Promise.all([
    makeAuthority(generate, 'Simulator CA'),
    makeAuthority(generate, 'Unknown CA'),
  ])
  const signer = (state: CertificateOptions['client']) => (state === 'other-authority' ? stranger : authority)
  const [server, client] = await Promise.all([
    sign(generate, signer(options.server), 'localhost', options.server ?? 'valid', [
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ]),
    sign(generate, signer(options.client), options.clientName ?? 'exchange.example.org', options.client ?? 'valid', [
      { name: 'extKeyUsage', clientAuth: true },
    ]),
  ])
  return { ca: authority.cert, server, client }
}

const dayMs = 86_400_000

async function makeAuthority(generate: typeof Generate, commonName: string): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 400 * dayMs),
    notAfterDate: new Date(Date.now() + 3650 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { cert: made.cert, key: made.private }
}

type Extensions = NonNullable<NonNullable<Parameters<typeof Generate>[1]>['extensions']>

async function sign(
  generate: typeof Generate,
  authority: KeyPair,
  commonName: string,
  state: NonNullable<CertificateOptions['client']>,
  extensions: Extensions,
): Promise<KeyPair> {
  const [fromDays, toDays] = state === 'expired' ? [-30, -1] : state === 'not-yet-valid' ? [1, 30] : [-1, 365]
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + fromDays * dayMs),
    notAfterDate: new Date(Date.now() + toDays * dayMs),
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      ...extensions,
    ],
  })
  return { cert: made.cert, key: made.private }
}
