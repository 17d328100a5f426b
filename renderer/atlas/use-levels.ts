import { useQueries } from '@tanstack/react-query'
import { useRef } from 'react'
import type { AtlasSummary, Cells as Columns } from '../../electron/contract/atlas.ts'
import { pictureAddress } from '../state/pictures.ts'
import { call, client } from '../state/queries.ts'
import type { PaneState } from '../state/view.ts'
import { CellIndex } from './cells.ts'
import type { Level } from './scene-state.ts'

const SIZES = [16, 32, 64, 80] as const

const indices = new WeakMap<Columns, CellIndex>()
function indexOf(columns: Columns, grid: number): CellIndex {
  let index = indices.get(columns)
  if (!index) {
    index = new CellIndex({ ...columns, grid })
    indices.set(columns, index)
  }
  return index
}

const levelOf = (
  project: string,
  atlas: number,
  grid: number,
  pictures: PaneState['pictures'],
  columns: Columns,
): Level => ({
  index: indexOf(columns, grid),
  source: `${project}/${atlas}/${pictures}`,
  // Crops take a moment to load: icons are shown meanwhile.
  ...(pictures === 'crops' ? { placeholder: `${project}/${atlas}/icons` } : {}),
  url: (tileX, tileY, size) =>
    pictureAddress({
      kind: pictures,
      project,
      atlas,
      grid,
      tileI: tileY,
      tileJ: tileX,
      size: SIZES.find(s => s >= size) ?? 80,
      revision: columns.revision,
    }),
})

/**
 * The grids of an atlas, each as soon as its cells have loaded.
 * @param finer whether grids beyond the coarsest are requested already: the engine takes a second for 100,000 cells, in which
 *   it draws no icon
 */
export function useLevels(
  project: string,
  atlas: AtlasSummary | undefined,
  pictures: PaneState['pictures'],
  finer = true,
): { levels: readonly Level[]; error: Error | null } {
  const keyOf = (grid: number) => ['atlas.cells', { atlas: atlas!.id, grid }] as const
  // A fine grid waits for the coarser one: the first icons must not wait for 25,600 cells that are not visible yet.
  const results = useQueries({
    queries: (atlas?.grids ?? []).map(({ grid }, k, grids) => ({
      queryKey: keyOf(grid),
      queryFn: () => call('atlas.cells', { atlas: atlas!.id, grid }),
      enabled: k === 0 || (finer && client.getQueryData(keyOf(grids[k - 1]!.grid)) !== undefined),
    })),
  })
  const data = results.map(a => a.data)
  const cache = useRef<{ data: readonly (Columns | undefined)[]; levels: readonly Level[]; id: string }>(undefined)
  const last = cache.current
  const id = `${project}/${atlas?.id}/${pictures}`
  const same = last && last.id === id && last.data.length === data.length && data.every((d, k) => d === last.data[k])
  if (!same) {
    const levels = (atlas?.grids ?? []).flatMap(({ grid }, k): Level[] => {
      const columns = data[k]
      if (!columns) return []
      return [levelOf(project, atlas!.id, grid, pictures, columns)]
    })
    cache.current = { data, levels, id }
  }
  return { levels: cache.current!.levels, error: results.find(a => a.error)?.error ?? null }
}
