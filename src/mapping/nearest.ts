/** `Did you mean X?` for the known name nearest to a wrong one; undefined when none is near enough to be meant. */
export function didYouMean(wrong: string, known: Iterable<string>): string | undefined {
  const name = nearest(wrong, known)
  return name === undefined ? undefined : `Did you mean ${name}?`
}

/** The known name with the fewest letters changed; at most a third of the letters, and at least two may differ. */
export function nearest(wrong: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1
  for (const name of known) {
    const apart = distance(wrong.toLowerCase(), name.toLowerCase())
    if (apart < bestDistance) [best, bestDistance] = [name, apart]
  }
  return best
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
