/// <reference path="../language-common.d.ts" />

import { expandReferences } from '@openfn/language-common/util'
import { patch as patchNow, post as postNow, put as putNow } from '@openfn/language-http'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { warn } from '../language-primero/operations/warn.ts'

interface State {
  readonly [key: string]: unknown
}

type Operation = (state: State) => unknown

/** Keys that tell options of the HTTP adaptor up to 6 from a body. */
const optionNames = [
  'body',
  'headers',
  'query',
  'agentOptions',
  'tls',
  'authentication',
  'json',
  'form',
  'keepCookie',
  'parseAs',
]
const keyNames = ['key', 'cert', 'pfx', 'passphrase']

/**
 * `post`, `put` and `patch` of the HTTP adaptor up to 6: `post(url, { body, headers, query }, callback)`. Today's adaptor would
 * send these options as the body, so they are put in their places. The form of today passes unchanged.
 *
 * @throws (the operation) ExchangeError CONFIGURATION when a private key is among the options
 * @source docs/systems.md §OpenFn/legacy
 */
export const post = translated('post', postNow)
export const put = translated('put', putNow)
export const patch = translated('patch', patchNow)

type Today = (path: string, data: never, options: never) => Operation

function translated(name: string, today: Today) {
  const call = (path: unknown, data: unknown, options: unknown): Operation =>
    Reflect.apply(today, undefined, [path, data, options])
  return (path: unknown, options?: unknown, third?: unknown): Operation =>
    async (state) => {
      const [resolved] = expandReferences(state, options)
      if (!isOldForm(resolved) || isRecord(third)) return call(path, options, third)(state)
      refuseKeys(name, resolved)
      warn('HTTP_OLD_PARAMETERS', `${name}(url, { body, … }) is now ${name}(url, body, { headers, query }).`)
      const { body, json, form, authentication: _authentication, ...rest } = resolved
      const after: unknown = await call(path, body ?? json ?? form, rest)(state)
      return typeof third === 'function' ? third(after) : after
    }
}

function isOldForm(options: unknown): options is Record<string, unknown> {
  const keys = isRecord(options) ? Object.keys(options) : []
  return keys.length > 0 && keys.every((key) => optionNames.includes(key))
}

function refuseKeys(name: string, options: Record<string, unknown>): void {
  const places = [options.agentOptions, options.tls].filter(isRecord)
  if (!places.some((place) => keyNames.some((key) => key in place))) return
  throw new ExchangeError(
    `${name} got a private key in its options. Today's HTTP adaptor would send it as part of the body.`,
    {
      code: 'CONFIGURATION',
      retry: 'never',
      reach: 'refused',
      hint: 'Put key and certificate into the credential, as configuration.tls, and take agentOptions out of the script.',
    },
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
