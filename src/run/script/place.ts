/** A place in a text, both 1-based, as editors count. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Offsets of a text ↔ places in it. */
export interface Lines {
  placeOf(offset: number): Place
  offsetOf(place: Place): number
}

export function linesOf(text: string): Lines {
  const starts = [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map(({ index, 0: end }) => index + end.length)]
  return {
    placeOf(offset) {
      const after = starts.findIndex((start) => start > offset)
      const line = after < 0 ? starts.length : after
      return { line, column: offset - (starts[line - 1] ?? 0) + 1 }
    },
    offsetOf: ({ line, column }) => (starts[line - 1] ?? text.length) + column - 1,
  }
}
