import { createPrivateKey, X509Certificate } from 'node:crypto'

export interface Certificate {
  /** As Windows and proGres show it: hex without colons. */
  readonly sha1: string
  readonly sha256: string
  readonly validFrom: Date
  readonly validTo: Date
}

/** The first certificate of a PEM text; undefined when there is none in it. */
export function readCertificate(pem: string): Certificate | undefined {
  const certificate = parse(pem)
  if (certificate === undefined) return undefined
  return {
    sha1: certificate.fingerprint.replaceAll(':', ''),
    sha256: certificate.fingerprint256.replaceAll(':', ''),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
  }
}

/** What is wrong with a certificate at this time, as the end of a sentence; undefined: nothing. */
export function certificateProblem(pem: string, now: Date): string | undefined {
  const certificate = readCertificate(pem)
  if (certificate === undefined) return 'is no certificate in PEM format (-----BEGIN CERTIFICATE-----).'
  if (certificate.validTo < now) return `expired on ${day(certificate.validTo)}.`
  if (certificate.validFrom > now) return `is not valid before ${day(certificate.validFrom)}.`
  return undefined
}

/** People are told when so many days are left, or fewer. */
export const expiryDays = [60, 30, 7, 0] as const

/** Whole days until then, negative afterwards, and the least of `expiryDays` that is reached. */
export function expiryOf(validTo: Date, now: Date): { readonly daysLeft: number; readonly warning?: number } {
  const daysLeft = Math.floor((validTo.getTime() - now.getTime()) / 86_400_000)
  const warning = expiryDays.findLast((days) => (days > 0 ? daysLeft <= days : daysLeft < 0))
  return warning === undefined ? { daysLeft } : { daysLeft, warning }
}

/** What is wrong with a private key for a certificate, as the end of a sentence; undefined: they belong together. */
export function keyProblem(keyPem: string, certificatePem: string): string | undefined {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(keyPem)) {
    return 'is protected by a passphrase, which nobody could type at start.'
  }
  try {
    const key = createPrivateKey(keyPem)
    const certificate = parse(certificatePem)
    return certificate === undefined || certificate.checkPrivateKey(key)
      ? undefined
      : 'does not belong to the certificate.'
  } catch {
    return 'is no private key in PEM format (-----BEGIN PRIVATE KEY-----).'
  }
}

export function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
