import type { Json } from './json.ts'

/** What a fault looks at. The body is not there yet: a fault may strike before it is read. */
export interface Arriving {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
}

export type FaultMatch =
  | ((request: Arriving) => boolean)
  /** `path` is a part of the path, or a pattern. */
  | { readonly method?: string; readonly path?: string | RegExp }

/**
 * What goes wrong. `applied` says whether the request takes effect all the same, which its sender cannot tell: absent
 * or false, the system behind never saw it.
 */
export type Mishap =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** Text is sent as it is, anything else as JSON. */
      readonly body?: Json
      readonly applied?: boolean
    }
  /** The right answer, late. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** No answer until the client gives up or the simulator closes. */
  | { readonly kind: 'hang'; readonly applied?: boolean }
  /** The connection is cut: before the body is read, after it was read, or in the middle of the answer (then it was applied). */
  | {
      readonly kind: 'reset'
      readonly when: 'before-reading' | 'before-answering' | 'while-answering'
      readonly applied?: boolean
    }
  /** The right answer with its second half missing, in a well-formed HTTP message. Always applied. */
  | { readonly kind: 'truncate' }

export interface Fault {
  readonly name?: string
  /** Absent: every request. */
  readonly match?: FaultMatch
  /** Lets that many matching requests pass first. */
  readonly after?: number
  /** Strikes that many requests, then it is spent. Default 1; Infinity until removed. */
  readonly times?: number
  readonly what: Mishap
}

export interface PlantedFault {
  readonly fault: Fault
  /** How often it has struck. */
  readonly struck: number
  remove(): void
}

/** The faults of one simulator, in the order they were planted; the first that matches strikes. */
export interface Faults {
  add(fault: Fault): PlantedFault
  clear(): void
  /** For the listener: the mishap for this request, if any; counts it. */
  take(request: Arriving): Mishap | undefined
}

export function createFaults(): Faults {
  const planted: { fault: Fault; passed: number; struck: number }[] = []

  return {
    add(fault) {
      const one = { fault, passed: 0, struck: 0 }
      planted.push(one)
      return {
        fault,
        get struck() {
          return one.struck
        },
        remove() {
          const at = planted.indexOf(one)
          if (at >= 0) planted.splice(at, 1)
        },
      }
    },
    clear() {
      planted.length = 0
    },
    take(request) {
      for (const one of planted) {
        if (one.struck >= (one.fault.times ?? 1) || !matches(one.fault.match, request)) continue
        if (one.passed < (one.fault.after ?? 0)) {
          one.passed += 1
          continue
        }
        one.struck += 1
        return one.fault.what
      }
      return undefined
    },
  }
}

function matches(match: FaultMatch | undefined, request: Arriving): boolean {
  if (match === undefined) return true
  if (typeof match === 'function') return match(request)
  if (match.method !== undefined && match.method !== request.method) return false
  if (match.path === undefined) return true
  return typeof match.path === 'string' ? request.path.includes(match.path) : match.path.test(request.path)
}

const page = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`

/** An HTML page of the proxy in front of the system, which never saw the request. */
export function proxyPage(status: 413 | 414 | 429 | 500 | 502 | 503 | 504): Mishap {
  const reasons = {
    413: 'Request Entity Too Large',
    414: 'Request-URI Too Large',
    429: 'Too Many Requests',
    500: 'Internal Server Error',
    502: 'Bad Gateway',
    503: 'Service Temporarily Unavailable',
    504: 'Gateway Time-out',
  }
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'text/html' },
    body: page(`${status} ${reasons[status]}`),
  }
}

/**
 * Azure API Management's words for a quota or a failing backend.
 * @source docs/systems.md §DTP/transport
 */
export function gatewayAnswer(status: 429 | 500 | 502 | 503 | 504, retryAfterSeconds?: number): Mishap {
  const messages = {
    429: `Rate limit is exceeded. Try again in ${retryAfterSeconds ?? 1} seconds.`,
    500: 'Internal server error',
    502: 'Bad gateway',
    503: 'Service unavailable',
    504: 'Gateway timeout',
  }
  const headers = {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  }
  return { kind: 'answer', status, headers, body: { statusCode: status, message: messages[status] } }
}

/** A good status with an HTML page: what a captive portal or a login page of a proxy answers. */
export const htmlInsteadOfJson: Mishap = {
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><html><body>Please sign in to continue.</body></html>',
}
