import { useMemo } from 'react'
import type { CellRange } from '../state/cell-range.ts'
import { dimmed, measured, type Spread } from './cell-measures.ts'
import type { Look } from './look.ts'
import type { Level } from './scene-state.ts'

/**
 * What is drawn of every grid, with the cells outside of a range dimmed.
 * @param look the colouring by the filter, which attributions are read from
 */
export function useDimmed(
  drawn: (grid: number) => Look,
  look: (grid: number) => Look,
  levels: readonly Level[],
  range: CellRange | undefined,
  classes: readonly number[],
  spread: Spread | undefined,
): (grid: number) => Look {
  return useMemo(() => {
    if (range === undefined) return drawn
    // The scene draws a look again only if it is another one.
    const looks = new Map<number, Look>()
    return grid => {
      const known = looks.get(grid)
      if (known) return known
      const cells = levels.find(level => level.index.cells.grid === grid)?.index.cells
      const own = drawn(grid)
      const values = cells && measured(range.measure, cells, look(grid), classes, spread)
      const made = values ? dimmed(own, values, range) : own
      looks.set(grid, made)
      return made
    }
  }, [drawn, look, levels, range, classes, spread])
}
