import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Place } from './place.ts'
import { hmacSha256 } from './sandbox/crypto.ts'

/**
 * Keyed hashes under `fingerprintKey` of the step's credential. All credentials of the project must hold the same: what
 * the collection remembers of it is compared, because another key would make every fact look new.
 *
 * @throws CONFIGURATION when it is another one than before
 */
export async function fingerprints(place: Place, configuration: unknown): Promise<(value: unknown) => string> {
  const key = keyIn(configuration)
  if (key !== undefined) await compare(place, hmacSha256(key, 'fingerprintKey').slice(0, 32))
  return (value) => {
    if (key === undefined) throw unusable('holds no fingerprintKey of at least 32 characters.')
    return hmacSha256(key, JSON.stringify(value)).slice(0, 32)
  }
}

async function compare(place: Place, mark: string): Promise<void> {
  const known = await place.get('fingerprint-key')
  if (known === undefined) return place.set('fingerprint-key', { mark })
  if (typeof known !== 'object' || known === null || !('mark' in known) || known.mark !== mark)
    throw unusable('holds another fingerprintKey than the one that was used before.')
}

function keyIn(configuration: unknown): string | undefined {
  if (typeof configuration !== 'object' || configuration === null || !('fingerprintKey' in configuration))
    return undefined
  const { fingerprintKey } = configuration
  return typeof fingerprintKey === 'string' && fingerprintKey.length >= 32 ? fingerprintKey : undefined
}

function unusable(message: string): ExchangeError {
  return new ExchangeError(`The credential of this step ${message}`, {
    code: 'CONFIGURATION',
    retry: 'never',
    fields: ['fingerprintKey'],
    hint: 'Give every credential of the project the same fingerprintKey, and keep it.',
  })
}
