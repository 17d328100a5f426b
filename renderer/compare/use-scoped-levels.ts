import { useMemo } from 'react'
import { type ComparisonCells, noThird, type ScopedAtlas, thirdClasses } from '../../electron/contract/class-atlas.ts'
import { CellIndex } from '../atlas/cells.ts'
import type { Level } from '../atlas/scene-state.ts'
import { useLevels } from '../atlas/use-levels.ts'
import { useCall } from '../state/queries.ts'
import { mirrored } from './mirrored.ts'

/** The strongest third class of every cell as its label; −1 where there is none. */
export function thirdLabels({ thirds }: Pick<ComparisonCells, 'thirds'>): Int16Array<ArrayBuffer> {
  const labels = new Int16Array(thirds.length / thirdClasses)
  labels.forEach((_, k) => {
    const third = thirds[k * thirdClasses]!
    labels[k] = third === noThird ? -1 : third
  })
  return labels
}

/** Grids of an atlas of a part, ready to draw: of a comparison with its sides as wanted, and third classes as labels. */
export function useScopedLevels(
  project: string,
  atlas: ScopedAtlas,
  shown: number | undefined,
  swap: boolean,
): {
  readonly levels: readonly Level[]
  readonly comparison: ComparisonCells | undefined
  readonly error: Error | null
} {
  const { levels, error } = useLevels(project, atlas, 'icons')
  const compares = atlas.scope.kind === 'comparison'
  const grid = shown ?? atlas.grids[0]?.grid
  const answer = useCall('comparison.cells', compares && grid !== undefined ? { atlas: atlas.id, grid, swap } : null)
  const comparison = answer.data
  const drawn = useMemo(() => {
    if (!compares) return levels
    return levels.map(level => {
      const sided = swap ? mirrored(level) : level
      const { cells } = sided.index
      if (!comparison || cells.grid !== grid || comparison.column.length !== cells.i.length) return sided
      return { ...sided, index: new CellIndex({ ...cells, label: thirdLabels(comparison) }) }
    })
  }, [levels, compares, swap, comparison, grid])
  return { levels: drawn, comparison, error: error ?? answer.error }
}
