import { createHash, createHmac } from 'node:crypto'
import { Readable as NodeReadable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AsyncLocalStorage } from '../../src/lightning/sandbox/asyncHooks.ts'
import * as crypto from '../../src/lightning/sandbox/crypto.ts'
import * as globals from '../../src/lightning/sandbox/globals.ts'
import { fromOutside } from '../../src/lightning/sandbox/outside.ts'
import { Readable } from '../../src/lightning/sandbox/stream.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 200 })

describe('what stands in the place of Node in the sandbox does the same', () => {
  test('SHA-256 and HMAC of any text', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const own = crypto.createHash('sha256').update(one).update(other).digest('hex')
        expect(own).toBe(createHash('sha256').update(one).update(other).digest('hex'))
        expect(crypto.hmacSha256(one, other)).toBe(createHmac('sha256', one).update(other).digest('hex'))
      }),
    )
  })

  test('base64 and length of any text', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(globals.Buffer.from(one).toString('base64')).toBe(Buffer.from(one).toString('base64'))
        expect(globals.Buffer.byteLength(one)).toBe(Buffer.byteLength(one))
      }),
    )
  })

  test.each([
    'https://primero.example.org',
    'https://primero.example.org/api/v2/cases?per=1&fields=a,b',
    'HTTPS://Primero.Example.org:443/a',
    'http://127.0.0.1:8080/x/',
    'http://[::1]:3000/?a=b#c',
    'https://user:secret@example.org/a',
    'https://example.org?',
  ])('the parts of %s', (address) => {
    const parts = ['protocol', 'hostname', 'origin', 'pathname', 'search', 'hash', 'username', 'password'] as const
    const [own, nodes] = [new globals.URL(address), new URL(address)]

    for (const part of parts) expect(own[part]).toBe(nodes[part])
  })

  test.each(['', 'example.org', 'ftp//x', 'https://', 'https:// x', '/a'])('%j is no address', (address) => {
    expect(globals.URL.canParse(address)).toBe(URL.canParse(address))
    expect(() => new globals.URL(address)).toThrow(TypeError)
  })

  test('a stream of Node is one, a text is none', () => {
    expect(NodeReadable.from(['a']) instanceof (Readable as never)).toBe(true)
    expect(Object('a') instanceof (Readable as never)).toBe(false)
  })

  test('what runs inside finds its store, also later, and outside there is none', async () => {
    const storage = new AsyncLocalStorage<string>()
    const inside = await storage.run('here', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return storage.getStore()
    })

    expect([inside, storage.getStore()]).toEqual(['here', undefined])
  })

  test('an error from another realm becomes one of ours, with what it is judged by and nothing else', async () => {
    const foreign: unknown = runInNewContext(
      "Object.assign(new Error('no'), { code: 'ECONNREFUSED', body: 'secret', cause: Object.assign(new Error('in'), { syscall: 'connect' }) })",
    )
    const operation = fromOutside(() => async () => Promise.reject(foreign))

    const error: unknown = await operation()({}).catch((thrown: unknown) => thrown)

    expect(foreign instanceof Error).toBe(false)
    expect(error instanceof Error).toBe(true)
    expect(error).toMatchObject({ message: 'no', code: 'ECONNREFUSED', cause: { syscall: 'connect' } })
    expect(error).not.toHaveProperty('body')
  })
})
