import { useMemo } from 'react'
import {
  type ClassAtlas,
  type ComparisonCells,
  noOtherClass,
  otherClassCount,
} from '../../electron/contract/class-atlas.ts'
import { CellIndex } from '../atlas/cells.ts'
import type { Level } from '../atlas/scene-state.ts'
import { useLevels } from '../atlas/use-levels.ts'
import { useCall } from '../state/queries.ts'
import { mirrored } from './mirrored.ts'

/** The strongest other class of every cell as its label; −1 if there is none. */
function otherClassLabels({ otherClasses }: Pick<ComparisonCells, 'otherClasses'>): Int16Array<ArrayBuffer> {
  const labels = new Int16Array(otherClasses.length / otherClassCount)
  labels.forEach((_, k) => {
    const other = otherClasses[k * otherClassCount]!
    labels[k] = other === noOtherClass ? -1 : other
  })
  return labels
}

/** The grids of a class atlas, ready to draw; of a comparison with sides swapped on request and other classes as labels. */
export function useClassAtlasLevels(
  project: string,
  atlas: ClassAtlas,
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
  const result = useCall('comparison.cells', compares && grid !== undefined ? { atlas: atlas.id, grid, swap } : null)
  const comparison = result.data
  const drawn = useMemo(() => {
    if (!compares) return levels
    return levels.map(level => {
      const sided = swap ? mirrored(level) : level
      const { cells } = sided.index
      if (!comparison || cells.grid !== grid || comparison.column.length !== cells.i.length) return sided
      return { ...sided, index: new CellIndex({ ...cells, label: otherClassLabels(comparison) }) }
    })
  }, [levels, compares, swap, comparison, grid])
  return { levels: drawn, comparison, error: error ?? result.error }
}
