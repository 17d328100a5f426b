import { useMemo } from 'react'
import type { AtlasSummary, Cells } from '../../electron/contract/atlas.ts'
import type { Origins, ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import { useCall } from '../state/queries.ts'

/** Cells along the edge of the whole atlas in which places are told: fine enough to point, coarse enough to be seen. */
const FINE_ENOUGH = 40

export interface Whereabouts {
  readonly origins: Origins
  /** Of the whole atlas, and its grid. */
  readonly cells: Cells
  readonly grid: number
}

/** The grid of an atlas that is nearest to so many cells along an edge. */
export const gridNear = (atlas: AtlasSummary, cells: number): number | undefined =>
  atlas.grids
    .map(g => g.grid)
    .reduce<number | undefined>(
      (best, g) => (best === undefined || Math.abs(g - cells) < Math.abs(best - cells) ? g : best),
      undefined,
    )

/** Where the cells of a part's grid lie in the whole atlas that it was made from; `lost` where nobody can say. */
export function useOrigins(
  atlas: ScopedAtlas | undefined,
  grid: number | undefined,
  source: AtlasSummary,
): { readonly where: Whereabouts | undefined; readonly lost: boolean } {
  const to = gridNear(source, FINE_ENOUGH)
  const { data: origins, error } = useCall(
    'classAtlas.origins',
    atlas && grid !== undefined && to !== undefined
      ? { atlas: atlas.id, grid, to: { atlas: source.id, grid: to } }
      : null,
  )
  const { data: cells } = useCall('atlas.cells', to === undefined ? null : { atlas: source.id, grid: to })
  const where = useMemo(
    () => (origins && cells && to !== undefined ? { origins, cells, grid: to } : undefined),
    [origins, cells, to],
  )
  return { where, lost: error !== null || to === undefined }
}
