import { useMemo, useRef } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { Origins } from '../../electron/contract/class-atlas.ts'
import { useCall } from '../state/queries.ts'
import { reducedMotion } from '../state/settings.ts'
import type { CellTransition } from './cell-transition.ts'
import type { CellIndex } from './cells.ts'
import type { Level } from './scene-state.ts'

/** [n × 3]: where the samples of each cell lie in another layer, and the size of its icon here. */
export function morphPositions(index: CellIndex, { x, y }: Pick<Origins, 'x' | 'y'>, density: number): Float32Array {
  const { grid } = index.cells
  const positions = new Float32Array(3 * x.length)
  for (let k = 0; k < x.length; k++) positions.set([x[k]!, y[k]!, index.size(k, density) / grid], 3 * k)
  return positions
}

interface Shown {
  readonly atlas: AtlasSummary | undefined
  readonly levels: readonly Level[]
}

/**
 * When the layer of a pane is switched between layouts that were made together, each cell moves from where its samples lie
 * in the layer before. Until that is known the layer before stays.
 * @param grid that the pane shows
 */
export function useLayerMorph(
  { atlas, levels }: Shown,
  grid: number | undefined,
  density: number,
): { readonly levels: readonly Level[]; readonly transition: CellTransition | undefined } {
  const shown = useRef<Shown>({ atlas: undefined, levels: [] })
  const before = shown.current.atlas
  const aligned =
    atlas != null &&
    before != null &&
    before.id !== atlas.id &&
    before.aligned !== null &&
    before.aligned === atlas.aligned
  const morphing =
    aligned &&
    grid !== undefined &&
    !reducedMotion() &&
    [before, atlas].every(one => one.grids.some(g => g.grid === grid))
  const origins = useCall(
    'classAtlas.origins',
    morphing ? { atlas: atlas.id, grid, to: { atlas: before.id, grid } } : null,
  )
  const index = levels.find(level => level.index.cells.grid === grid)?.index
  const waiting = morphing && !origins.isError && (origins.data === undefined || index === undefined)
  const moved = useRef<CellTransition>(undefined)
  if (!waiting) {
    if (before?.id !== atlas?.id) {
      const { data } = origins
      moved.current = undefined
      if (morphing && data && index && data.x.length === index.cells.i.length) {
        const positions = morphPositions(index, data, density)
        moved.current = {
          id: `${before.id} to ${atlas.id}`,
          begin: 'displaced',
          displaced: false,
          positions: of => (of === grid ? positions : undefined),
        }
      }
    }
    shown.current = { atlas, levels }
  }
  const { current: transition } = moved
  return useMemo(() => ({ levels: waiting ? shown.current.levels : levels, transition }), [waiting, levels, transition])
}
