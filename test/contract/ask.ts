import { request } from 'node:http'

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Address to come from: the whole of 127.0.0.0/8 is this machine. */
  readonly from?: string
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One HTTP request as any program makes it. An answer counts also when the other side did not want to hear all of the body. */
export function ask(url: string, { method = 'GET', headers = {}, body, from }: Asked = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asking = request(url, {
      method,
      headers: { ...length, ...headers },
      ...(from === undefined ? {} : { localAddress: from }),
    })
    asking.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
      response.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
