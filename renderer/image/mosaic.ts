/** An icon over span × span positions from a row and a column. */
interface Tile {
  readonly icon: string
  readonly row: number
  readonly column: number
  readonly span: number
}

/** The distance between the positions that are rendered first. */
const COARSEST = 4
/** Offset, from a block's corner, of the position that the engine renders first. */
const offsetOf = (span: number): number => (span > 1 ? 1 : 0)

/**
 * The icons of a photograph's grid as a mosaic that is refined while they are rendered: an icon fills its block of
 * 4 × 4 positions, then of 2 × 2, until the icons of the parts of the block are there.
 * @param icons row-major; null until rendered
 * @returns larger tiles before those that cover them
 */
export function mosaic(icons: readonly (string | null)[], height: number, width: number): readonly Tile[] {
  /** The icon of a block: that of the position rendered first. */
  const iconOf = (row: number, column: number, span: number): string | null => {
    const offset = offsetOf(span)
    if (row + offset >= height || column + offset >= width) return null
    return icons[(row + offset) * width + column + offset] ?? null
  }
  /** @param covered whether a larger tile already shows the block's icon */
  const tilesOf = (row: number, column: number, span: number, covered = false): readonly Tile[] => {
    const icon = iconOf(row, column, span)
    const whole = icon === null || covered ? [] : [{ icon, row, column, span }]
    if (span === 1) return whole
    const half = span / 2
    const parts = [0, half]
      .flatMap(down => [0, half].map(right => ({ row: row + down, column: column + right })))
      .filter(part => part.row < height && part.column < width)
    if (icon === null || parts.every(part => iconOf(part.row, part.column, half) !== null))
      return parts.flatMap(part => tilesOf(part.row, part.column, half))
    const shift = offsetOf(span) - offsetOf(half)
    return [
      ...whole,
      ...parts.flatMap(part =>
        tilesOf(part.row, part.column, half, part.row === row + shift && part.column === column + shift),
      ),
    ]
  }
  const starts = (extent: number): readonly number[] =>
    Array.from({ length: Math.ceil(extent / COARSEST) }, (_, k) => k * COARSEST)
  const blocks = starts(height).flatMap(row => starts(width).map(column => [row, column] as const))
  return blocks.flatMap(([row, column]) => tilesOf(row, column, COARSEST))
}
