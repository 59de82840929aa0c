/** In the place of `node:stream`: a stream comes from outside the sandbox, where another `Readable` made it. */
export const Readable = {
  [Symbol.hasInstance]: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && 'destroy' in value && Symbol.asyncIterator in value,
}
