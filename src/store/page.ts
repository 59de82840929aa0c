const largestPage = 1000

/** Rows that a list gives: what was asked for, 1 to 1000; 1000 when nothing was. */
export function pageSize(limit: number | undefined): number {
  if (limit === undefined || !Number.isFinite(limit)) return largestPage
  return Math.min(Math.max(Math.trunc(limit), 1), largestPage)
}
