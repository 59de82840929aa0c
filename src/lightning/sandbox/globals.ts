/**
 * What the bundled jobs use and OpenFn's sandbox does not have, in plain JavaScript; esbuild puts these in the place of
 * the globals of the same names.
 *
 * @source docs/systems.md §OpenFn/steps (the sandbox has the language, console, timers and Buffer.from)
 */
export const performance = { now: () => Date.now() }

export class URL {
  readonly protocol: string
  readonly hostname: string
  readonly origin: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
  readonly username: string
  readonly password: string

  /** http and https only: nothing else is an address of another system. */
  constructor(text: string) {
    const parts = shape.exec(text)
    if (parts === null) throw new TypeError('Invalid URL')
    const [, scheme = '', user = '', password = '', host = '', port = '', path = '', search = '', hash = ''] = parts
    this.protocol = `${scheme.toLowerCase()}:`
    this.username = user
    this.password = password
    this.hostname = host.toLowerCase()
    const isUsual = port === '' || (this.protocol === 'https:' ? port === '443' : port === '80')
    this.origin = `${this.protocol}//${this.hostname}${isUsual ? '' : `:${Number(port)}`}`
    this.pathname = path === '' ? '/' : path
    this.search = search === '?' ? '' : search
    this.hash = hash === '#' ? '' : hash
  }

  static canParse(text: string): boolean {
    return shape.test(text)
  }
}

const shape =
  /^\s*(https?):\/\/(?:([^\s:@/?#]*)(?::([^\s@/?#]*))?@)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/[^\s?#]*)?(\?[^\s#]*)?(#\S*)?\s*$/i

/** What is asked of Node's Buffer by the code that is bundled: base64, lengths, and bodies of requests. */
export const Buffer = {
  from: (text: string) => new TextBytes(text),
  byteLength: (text: string) => bytesOf(text).length,
}

/** Text that is meant as UTF-8; an adaptor outside gets it as the text it is. */
export class TextBytes {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(encoding?: 'base64'): string {
    return encoding === 'base64' ? base64(bytesOf(this.text)) : this.text
  }
}

/** @throws URIError on half a surrogate pair: no text of ours has one */
export function bytesOf(text: string): Uint8Array {
  const encoded = encodeURIComponent(text)
  const bytes: number[] = []
  for (let at = 0; at < encoded.length; at += 1) {
    const isEscaped = encoded[at] === '%'
    bytes.push(isEscaped ? Number.parseInt(encoded.slice(at + 1, at + 3), 16) : encoded.charCodeAt(at))
    if (isEscaped) at += 2
  }
  return Uint8Array.from(bytes)
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.subarray(at, at + 3)
    text += digits.charAt(one >> 2) + digits.charAt(((one & 3) << 4) | ((two ?? 0) >> 4))
    text += two === undefined ? '=' : digits.charAt(((two & 15) << 2) | ((three ?? 0) >> 6))
    text += three === undefined ? '=' : digits.charAt(three & 63)
  }
  return text
}
