import { useMemo } from 'react'
import type { AtlasSummary, Cells } from '../../electron/contract/atlas.ts'
import { type ClassAtlas, gridNear, type Origins, originGrid } from '../../electron/contract/class-atlas.ts'
import { useCall } from '../state/queries.ts'

/** The locations of cells of a class atlas in the whole atlas. */
export interface CellOrigins {
  readonly locations: Origins
  /** Of the whole atlas, and its grid. */
  readonly cells: Cells
  readonly grid: number
}

/** The locations of the cells of a class atlas’s grid in its source atlas; `failed` if they cannot be found. */
export function useOrigins(
  atlas: ClassAtlas | undefined,
  grid: number | undefined,
  source: AtlasSummary,
): { readonly origins: CellOrigins | undefined; readonly failed: boolean } {
  const to = gridNear(source, originGrid)
  const { data: locations, error } = useCall(
    'classAtlas.origins',
    atlas && grid !== undefined && to !== undefined
      ? { atlas: atlas.id, grid, to: { atlas: source.id, grid: to } }
      : null,
  )
  const { data: cells } = useCall('atlas.cells', to === undefined ? null : { atlas: source.id, grid: to })
  const origins = useMemo(
    () => (locations && cells && to !== undefined ? { locations, cells, grid: to } : undefined),
    [locations, cells, to],
  )
  return { origins, failed: error !== null || to === undefined }
}
