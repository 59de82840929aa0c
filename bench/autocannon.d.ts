/** The part of autocannon 8 that the benchmark uses; it ships no types. */
declare module 'autocannon' {
  interface Request {
    body?: string
  }
  interface Options {
    readonly url: string
    readonly method: 'POST'
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    readonly headers: Readonly<Record<string, string>>
    /** `setupRequest` is called before each request and may give it another body. */
    readonly requests: readonly { readonly setupRequest: (request: Request) => Request }[]
  }
  interface Result {
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
    readonly timeouts: number
    /** Seconds that it really took. */
    readonly duration: number
  }
  export default function autocannon(options: Options): Promise<Result>
}
