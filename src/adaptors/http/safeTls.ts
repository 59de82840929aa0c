/**
 * Options of every connection to another system, whatever a credential says.
 *
 * Certificates are verified also where NODE_TLS_REJECT_UNAUTHORIZED=0 switches that off for the rest of a process.
 */
export const safeTls = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const
