import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { RunEnvironment } from '../../project/environment.ts'
import type { ReachEvidence } from './reach.ts'

/** TLS 1.3 tells a client that its certificate is refused only after the handshake. */
const refusalMs = 700

/**
 * Connects to the gateway with the client certificate and closes again. Not one byte of HTTP is sent: a request, even an
 * empty one, would be a message to UNHCR. So this shows network, names, certificates, and not the subscription key.
 */
export async function lookAtDtp({
  dtp: { url, tls },
  remoteTimeoutMs,
}: Pick<RunEnvironment, 'dtp' | 'remoteTimeoutMs'>): Promise<ReachEvidence> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'https:'
  const at = { host, port: Number(port || (isTls ? 443 : 80)) }
  const dtpHost = `${hostname}:${at.port}`
  const socket = isTls
    ? connectTls({
        ...at,
        ...tls,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        ...(isName(host) ? { servername: host } : {}),
      })
    : connectPlain(at)
  try {
    await connected(socket, isTls ? 'secureConnect' : 'connect', Math.min(remoteTimeoutMs, 10_000))
    const how =
      'getProtocol' in socket
        ? `${socket.getProtocol() ?? 'TLS'}, its certificate is good until ${expiry(socket.getPeerCertificate().valid_to)}, ours was taken`
        : 'plain http on this machine'
    return { dtpHost, dtp: { connected: true, how } }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection'
    return { dtpHost, dtp: { connected: false, reason: reasons[code] ?? `no connection (${code})` } }
  } finally {
    socket.destroy()
  }
}

const untrusted = 'nobody that is trusted signed its certificate (DTP_CA?)'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'there is no such host',
  ETIMEDOUT: 'no answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ECONNRESET: 'it broke the connection off: our certificate may not be registered',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not know the authority of our certificate',
  ERR_SSL_TLSV1_ALERT_CERTIFICATE_EXPIRED: 'it says that our certificate has expired',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it asks for a client certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it refused our certificate',
}

/** Resolves when the connection stands and was not taken back. */
function connected(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = (code: string) => () => reject(Object.assign(new Error(code), { code }))
    socket.setTimeout(timeoutMs, broken('ETIMEDOUT'))
    socket.once('error', reject)
    socket.once('close', broken('ECONNRESET'))
    socket.once(event, () => setTimeout(resolve, event === 'connect' ? 0 : refusalMs))
    socket.resume()
  })
}

function expiry(validTo: string): string {
  const time = Date.parse(validTo)
  return Number.isNaN(time) ? 'an unknown day' : new Date(time).toISOString().slice(0, 10)
}

/** An address has no place in SNI. */
function isName(host: string): boolean {
  return /[a-z]/i.test(host) && !host.includes(':')
}
