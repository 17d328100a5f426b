import { useMemo } from 'react'
import type { CellRange } from '../state/cell-range.ts'
import { dimmed, measured } from './cell-measures.ts'
import type { Look } from './look.ts'
import type { Level } from './scene-state.ts'

/** The colouring of every grid with the cells outside of a range dimmed. */
export function useDimmed(
  look: (grid: number) => Look,
  levels: readonly Level[],
  range: CellRange | undefined,
  classes: readonly number[],
): (grid: number) => Look {
  return useMemo(() => {
    if (range === undefined) return look
    // The scene draws a look again only if it is another one.
    const looks = new Map<number, Look>()
    return grid => {
      const known = looks.get(grid)
      if (known) return known
      const cells = levels.find(level => level.index.cells.grid === grid)?.index.cells
      const own = look(grid)
      const values = cells && measured(range.measure, cells, own, classes)
      const made = values ? dimmed(own, values, range) : own
      looks.set(grid, made)
      return made
    }
  }, [look, levels, range, classes])
}
