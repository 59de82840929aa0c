import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** How much work a guess is: memory is 128 · r · 2^ln bytes, and p such passes. */
export interface Cost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

/** 32 MiB, three times: what OWASP recommends for scrypt where 128 MiB a sign-in are too many. */
export const recommendedCost: Cost = { ln: 15, r: 8, p: 3 }

const keyBytes = 32
const mostMemory = 256 * 1024 * 1024

/** `scrypt$ln$r$p$salt$key`, salt and key in base64. The cost stands in the text, so that it can rise later. */
export async function hashPassword(password: string, cost: Cost = recommendedCost): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost)
  return ['scrypt', cost.ln, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$')
}

/** False also for a text that is no hash. Takes as long as making one, whatever the answer. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const parts = passwordHash.exec(hash)
  if (parts === null) return false
  const [, ln, r, p, salt = '', key = ''] = parts
  const expected = Buffer.from(key, 'base64')
  const given = await derive(password, Buffer.from(salt, 'base64'), { ln: Number(ln), r: Number(r), p: Number(p) })
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** ln 1–17, r 1–16, p 1–9: more would let a file of users stop the process. */
export const passwordHash =
  /^scrypt\$(1[0-7]|[1-9])\$(1[0-6]|[1-9])\$([1-9])\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)$/

/** The same letter can be typed as one character or as two: both are the same password. */
function derive(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: mostMemory + 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
