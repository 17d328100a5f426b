import { useMemo } from 'react'
import { useCall } from '../state/queries.ts'
import type { Spread } from './cell-measures.ts'

/** How much the samples of each cell of a grid differ; a pass over all activations, and so only where it is needed. */
export function useSpread(atlas: number | undefined, grid: number | undefined, needed: boolean): Spread | undefined {
  const { data } = useCall('atlas.spread', needed && atlas !== undefined && grid !== undefined ? { atlas, grid } : null)
  return useMemo(() => (data && grid !== undefined ? { grid, values: data.spread } : undefined), [data, grid])
}
