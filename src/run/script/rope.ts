import { linesOf, type Place } from './place.ts'

/** A stretch of the source, or new text. */
export type Piece = string | Range

export interface Range {
  readonly start: number
  readonly end: number
}

/** Puts pieces where a stretch of the source was. Stretches among its pieces are edited in turn. */
export interface Edit extends Range {
  readonly pieces: readonly Piece[]
}

export interface Rendered {
  readonly code: string
  /** Where in the source this place of `code` comes from; undefined for new text. */
  sourcePlace(place: Place): Place | undefined
}

/**
 * Writes pieces with all edits applied, and remembers for each stretch where it came from.
 *
 * Edits may lie inside one another, but not overlap otherwise.
 */
export function render(source: string, pieces: readonly Piece[], edits: readonly Edit[]): Rendered {
  const outermostFirst = [...edits].sort((one, other) => one.start - other.start || other.end - one.end)
  const written: { readonly at: number; readonly from: number | undefined }[] = []
  let code = ''

  const write = (text: string, from: number | undefined) => {
    if (text === '') return
    written.push({ at: code.length, from })
    code += text
  }
  const writePieces = (list: readonly Piece[], outer: Edit | undefined) => {
    for (const piece of list) {
      if (typeof piece === 'string') write(piece, undefined)
      else writeRange(piece, outer)
    }
  }
  const writeRange = ({ start, end }: Range, outer: Edit | undefined) => {
    let position = start
    for (const edit of outermostFirst) {
      if (edit.start < position || edit.end > end || isAround(edit, outer)) continue
      write(source.slice(position, edit.start), position)
      writePieces(edit.pieces, edit)
      position = edit.end
    }
    write(source.slice(position, end), position)
  }
  writePieces(pieces, undefined)

  const lines = linesOf(code)
  const sourceLines = linesOf(source)
  return {
    code,
    sourcePlace(place) {
      const offset = lines.offsetOf(place)
      const stretch = written.findLast(({ at }) => at <= offset)
      return stretch?.from === undefined ? undefined : sourceLines.placeOf(stretch.from + offset - stretch.at)
    },
  }
}

/** The edit whose pieces are being written, and those around it. */
function isAround(edit: Edit, inner: Edit | undefined): boolean {
  return inner !== undefined && edit.start <= inner.start && edit.end >= inner.end
}
