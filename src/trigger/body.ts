import type { IncomingMessage } from 'node:http'
import type { Refusal } from './refusals.ts'

/** A body may take ten seconds and a further one for every 16 KiB that have come. */
export const bodyGraceMs = 10_000
export const minBytesPerSecond = 16_384

type Body =
  | { readonly bytes: Buffer; readonly refusal?: never }
  | { readonly refusal: Refusal | 'gone'; readonly bytes?: never }

/**
 * The whole body, or the first reason not to read on; `gone` when the sender left, whom nobody can answer.
 *
 * @param judge  sees every chunk as it comes and may stop the reading
 */
export function readBody(request: IncomingMessage, judge: (chunk: Buffer) => Refusal | undefined): Promise<Body> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const chunks: Buffer[] = []
    let received = 0
    let timer = setTimeout(checkPace, bodyGraceMs)

    function end(body: Body) {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone)
      request.pause()
      resolve(body)
    }
    function onData(chunk: Buffer) {
      const refusal = judge(chunk)
      if (refusal !== undefined) return end({ refusal })
      received += chunk.length
      chunks.push(chunk)
    }
    function onEnd() {
      const [only] = chunks
      end({ bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks) })
    }
    function onGone() {
      end({ refusal: 'gone' })
    }
    function checkPace() {
      const leftMs = bodyGraceMs + (received / minBytesPerSecond) * 1000 - (performance.now() - startedAt)
      if (leftMs <= 0) return end({ refusal: 'too_slow' })
      timer = setTimeout(checkPace, leftMs)
    }

    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
  })
}
