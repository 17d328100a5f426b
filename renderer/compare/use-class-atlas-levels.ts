import { useMemo } from 'react'
import type { ClassAtlas, ClassCells } from '../../electron/contract/class-atlas.ts'
import type { ComparisonCells } from '../../electron/contract/comparison.ts'
import type { Level } from '../atlas/scene-state.ts'
import { useLevels } from '../atlas/use-levels.ts'
import { useCall } from '../state/queries.ts'
import { mirrored } from './mirrored.ts'

/** The grids of a class atlas, ready to draw; of a comparison with sides swapped on request. */
export function useClassAtlasLevels(
  project: string,
  atlas: ClassAtlas,
  shown: number | undefined,
  swap: boolean,
): {
  readonly levels: readonly Level[]
  readonly comparison: ComparisonCells | undefined
  readonly classCells: ClassCells | undefined
  readonly error: Error | null
} {
  const { levels, error } = useLevels(project, atlas, 'icons')
  const compares = atlas.scope.kind === 'comparison'
  const grid = shown ?? atlas.grids[0]?.grid
  const result = useCall('comparison.cells', compares && grid !== undefined ? { atlas: atlas.id, grid, swap } : null)
  const comparison = result.data
  const ofClass = useCall('classAtlas.cells', compares || grid === undefined ? null : { atlas: atlas.id, grid })
  const drawn = useMemo(() => {
    if (!compares) return levels
    return swap ? levels.map(mirrored) : levels
  }, [levels, compares, swap])
  return { levels: drawn, comparison, classCells: ofClass.data, error: error ?? result.error ?? ofClass.error }
}
