import { useEffect } from 'react'
import type { GridSummary } from '../../electron/contract/atlas.ts'
import type { FidelitySummary } from '../../electron/contract/fidelity.ts'
import { client, useCall } from '../state/queries.ts'

/** Of more cells the comparison of all icons with all directions takes long: it is in the JSON of `atlas export`. */
const MOST_CELLS = 2_500

/** The summary of a grid's icons against chance, once all of them are finished; undefined before. */
export function useFidelity(atlas: number | undefined, summary: GridSummary | undefined): FidelitySummary | undefined {
  const ready = summary !== undefined && summary.shown > 0 && summary.finished === summary.shown
  const enabled = ready && summary.shown <= MOST_CELLS && atlas !== undefined
  const { data } = useCall('atlas.fidelity', enabled ? { atlas, grid: summary.grid } : null)
  useEffect(() => {
    // Activations of icons of an earlier version have been computed now.
    if (data) void client.invalidateQueries({ queryKey: ['cell.detail'] })
  }, [data])
  return data
}
