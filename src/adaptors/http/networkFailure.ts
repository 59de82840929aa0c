import { ExchangeError } from '../../errors/ExchangeError.ts'

interface Circumstances {
  /** As people call it: `Primero`, `DTP`. */
  readonly system: string
  /** The request had been handed to a connection. Absent: unknown, judged by the kind of error. */
  readonly sent?: boolean
  /** Names the variable that holds a private authority, for the hint. */
  readonly authorityHint?: string
}

/**
 * What a request that got no HTTP answer says about its effect.
 *
 * `not_reached` where no byte of it can have been processed: no connection, no TLS session. Anything that broke after
 * the request was handed over is `unsure`, a reset included: the other side may have done it and died before saying so.
 * The error of the HTTP library is not kept: it can hold headers.
 *
 * @source docs/systems.md §DTP/transport; codes of Node (`net`, `tls`) and undici (`UND_ERR_*`)
 */
export function networkFailure(error: unknown, { system, sent, authorityHint }: Circumstances): ExchangeError {
  const code = codeOf(error)
  const down = (what: string, reach: 'not_reached' | 'unsure', hint = patience) =>
    new ExchangeError(what, { code: 'REMOTE_DOWN', retry: 'later', reach, hint })

  const certificate = serverCertificate.find(([codes]) => codes.includes(code))
  if (certificate !== undefined) {
    const [, words, hint] = certificate
    return down(`The certificate of ${system} ${words}.`, 'not_reached', hint ?? authorityHint)
  }
  if (clientCertificateRefused.test(code)) return certificateWanted(system)
  if (/^ERR_OSSL_|^ERR_INVALID_ARG/.test(code)) {
    return new ExchangeError(
      `The client certificate and key for ${system} cannot be used together or cannot be read.`,
      {
        code: 'CONFIGURATION',
        retry: 'never',
        reach: 'refused',
        hint: 'Both must be PEM, the key without a passphrase and made for this certificate; see `exchange keys thumbprint`.',
      },
    )
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return down(`${system} could not be connected to in time.`, 'not_reached')
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return down(`${system} refused the connection.`, 'not_reached')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return down(`The host name of ${system} could not be resolved.`, 'not_reached')
  const notSent = sent === undefined ? beforeSending(error, code) : !sent
  if (notSent) {
    if (/^ERR_(SSL|TLS)_|^EPROTO$/.test(code) || code === 'ECONNRESET')
      return down(`No TLS connection with ${system} could be made.`, 'not_reached')
    return down(`No connection to ${system} could be made.`, 'not_reached')
  }
  if (timeOuts.includes(code)) return down(`${system} did not answer in time.`, 'unsure')
  return down(`The connection to ${system} broke before its answer came.`, 'unsure')
}

const patience =
  'What may be repeated is tried again by itself. When it lasts, look at its address and at the network here.'

/** The other side wants a client certificate that it did not get or does not accept. */
export function certificateWanted(system: string): ExchangeError {
  return new ExchangeError(`${system} did not accept our client certificate, or we showed none.`, {
    code: 'ACCESS_REFUSED',
    retry: 'never',
    reach: 'refused',
    hint: `Compare \`exchange keys thumbprint\` with the thumbprint that is registered with ${system}, and its expiry.`,
  })
}

export function isTimeOut(error: unknown): boolean {
  return [...timeOuts, 'UND_ERR_CONNECT_TIMEOUT'].includes(codeOf(error))
}

export function isReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(error))
}

const timeOuts = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_ABORTED', 'ABORT_ERR', 'ETIMEDOUT']

const serverCertificate: readonly (readonly [codes: readonly string[], words: string, hint?: string])[] = [
  [['CERT_HAS_EXPIRED'], 'has expired', 'Its administrator must renew it.'],
  [['CERT_NOT_YET_VALID'], 'is not valid yet', 'Compare the clock of this machine.'],
  [['INVALID_PURPOSE'], 'was not made for a server', 'Its administrator must replace it.'],
  [['CERT_REVOKED'], 'was revoked', 'Ask its administrator; do not go around it.'],
  [
    ['ERR_TLS_CERT_ALTNAME_INVALID'],
    'was made for another host name',
    'Compare the configured address with the one that the administrator gave.',
  ],
  [
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_UNTRUSTED',
      'INVALID_CA',
    ],
    'comes from an authority that is not known here',
  ],
]

/** TLS alerts of the server about our certificate. TLS 1.2 says `handshake failure` when it got none. */
const clientCertificateRefused =
  /^ERR_SSL_(TLSV13_ALERT_CERTIFICATE_REQUIRED|SSLV3_ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|NO_CERTIFICATE|HANDSHAKE_FAILURE)|TLSV1_ALERT_(UNKNOWN_CA|ACCESS_DENIED))$/

function beforeSending(error: unknown, code: string): boolean {
  if (/^ERR_(SSL|TLS)_|^EPROTO$|^EHOSTUNREACH$|^ENETUNREACH$|^EADDRNOTAVAIL$/.test(code)) return true
  if (error instanceof Error && /before secure TLS connection was established/.test(error.message)) return true
  return error instanceof Error && 'syscall' in error && error.syscall === 'connect'
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  if ('name' in error && error.name === 'AbortError') return 'ABORT_ERR'
  return 'cause' in error ? codeOf(error.cause) : ''
}
