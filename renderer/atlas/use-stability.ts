import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { CellStability } from '../../electron/contract/stability.ts'
import { call } from '../state/queries.ts'
import type { Look } from './look.ts'

/** How stable the cells of one grid are, and the look that fades those that are not. */
export interface StabilityShade {
  readonly look: Look
  /** [cells], the share of map neighbours that is kept; `from` is drawn faintest, `to` in full. */
  readonly kept: Float32Array
  readonly from: number
  readonly to: number
}

const WHITE = [255, 255, 255] as const

/** From the level of chance, faintest, to the most stable cell of the grid, drawn in full. */
export function stabilityShade({ kept }: CellStability, chance: number): StabilityShade {
  // As a float32, as the cells are: a cell at chance is then not above it by rounding.
  const from = Math.fround(chance)
  const to = kept.reduce((most, share) => Math.max(most, share), from)
  const one = { colour: WHITE, values: kept.map(share => share - from), maximum: to - from }
  return { look: { mode: 'opacity', sign: 'for', classes: [one] }, kept, from, to }
}

/**
 * The shades of all grids of an atlas by stability.
 * @param shown without it nothing is requested
 * @returns undefined for a grid whose stability is not known (yet)
 */
export function useStability(
  atlas: AtlasSummary | undefined,
  shown: boolean,
): (grid: number) => StabilityShade | undefined {
  const measured = shown ? atlas?.stability : null
  const grids = measured ? atlas!.grids : []
  const results = useQueries({
    queries: grids.map(({ grid }) => ({
      queryKey: ['atlas.stability', { atlas: atlas!.id, grid }],
      queryFn: () => call('atlas.stability', { atlas: atlas!.id, grid }),
    })),
  })
  const updated = results.map(a => a.dataUpdatedAt).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: it changes with the results, whose array is new every time
  return useMemo(() => {
    const shades = new Map(
      grids.flatMap(({ grid }, k) => {
        const data = results[k]?.data
        return data && measured ? [[grid, stabilityShade(data, measured.chance)] as const] : []
      }),
    )
    return grid => shades.get(grid)
  }, [updated, measured, atlas?.id])
}
