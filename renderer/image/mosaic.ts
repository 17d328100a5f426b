/** An icon over `span` positions in both directions, from a row and a column on. */
export interface Tile {
  readonly icon: string
  readonly row: number
  readonly column: number
  readonly span: number
}

/** How far apart positions are that are made first. */
const COARSEST = 4
/** Where in a block the position lies that is made first of it, from its corner, as the engine's order has it. */
const insideOf = (span: number): number => (span > 1 ? 1 : 0)

/**
 * The icons of a photograph's grid as a mosaic that gets finer while they are made: an icon stands for its whole block
 * of 4 by 4, later of 2 by 2, until those for the parts of the block are there.
 * @param icons row-major; null until it is made
 * @returns larger tiles before those that lie upon them
 */
export function mosaic(icons: readonly (string | null)[], height: number, width: number): readonly Tile[] {
  /** What stands for a block: the position that is made first of it. */
  const iconOf = (row: number, column: number, span: number): string | null => {
    const inside = insideOf(span)
    if (row + inside >= height || column + inside >= width) return null
    return icons[(row + inside) * width + column + inside] ?? null
  }
  /** @param covered whether the block's own icon lies under it already, larger */
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
    const aside = insideOf(span) - insideOf(half)
    return [
      ...whole,
      ...parts.flatMap(part =>
        tilesOf(part.row, part.column, half, part.row === row + aside && part.column === column + aside),
      ),
    ]
  }
  const starts = (extent: number): readonly number[] =>
    Array.from({ length: Math.ceil(extent / COARSEST) }, (_, k) => k * COARSEST)
  const blocks = starts(height).flatMap(row => starts(width).map(column => [row, column] as const))
  return blocks.flatMap(([row, column]) => tilesOf(row, column, COARSEST))
}
