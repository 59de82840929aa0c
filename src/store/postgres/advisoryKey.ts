import { createHash } from 'node:crypto'

/** PostgreSQL knows advisory locks by 64-bit numbers; as text, because a JavaScript number has 53. */
export function advisoryKey(name: string): string {
  return createHash('sha256').update(`exchange ${name}`).digest().readBigInt64BE().toString()
}
