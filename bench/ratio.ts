/** One line of the result: ours against the plain program's, in the same run on the same machine. */
export interface Ratio {
  readonly name: string
  readonly ours: number
  readonly theirs: number
  /** Of `ours` and `theirs`: `/s`, `ms`, `MB`. */
  readonly unit: string
  readonly ratio: number
  readonly aim: { readonly atLeast: number } | { readonly atMost: number }
  /** Anything that makes the ratio worthless: both sides did not do the same. */
  readonly doubts: readonly string[]
}

export function isReached({ ratio, aim, doubts }: Ratio): boolean {
  return doubts.length === 0 && ('atLeast' in aim ? ratio >= aim.atLeast : ratio <= aim.atMost)
}

/** The ratios as a table for people; times are left out, because they say more about the machine than about us. */
export function renderTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map((one) => [
    one.name,
    one.ratio.toFixed(2),
    'atLeast' in one.aim ? `≥ ${one.aim.atLeast}` : `≤ ${one.aim.atMost}`,
    isReached(one) ? 'reached' : 'missed',
    `${format(one.ours)} : ${format(one.theirs)} ${one.unit}`,
  ])
  const table = [['', 'ratio', 'aim', '', 'exchange : plain program'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const doubts = ratios.flatMap((one) => one.doubts.map((doubt) => `${one.name}: ${doubt}`))
  return [...lines, ...doubts].join('\n')
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}
