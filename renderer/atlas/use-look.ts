import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { call } from '../state/queries.ts'
import type { ClassFilter } from '../state/view.ts'
import { number } from '../ui/text.ts'
import { classColour } from './colours.ts'
import { type Look, type LookSign, PLAIN } from './look.ts'

export interface Legend {
  readonly index: number
  readonly min: number
  readonly max: number
}

/** What counts as 1: the extreme of the sign, of both signs the larger. */
function maximumOf(sign: LookSign, max: number, min: number): number {
  if (sign === 'both') return Math.max(max, -min)
  return sign === 'for' ? max : -min
}

/** The colouring of every grid by a class filter, and the values of its legend. */
export function useLook(
  atlas: AtlasSummary | undefined,
  filter: ClassFilter,
): { look: (grid: number) => Look; legend: (grid: number) => readonly Legend[]; known: string | null } {
  const { classes, mode, sign } = filter
  const grids = classes.length === 0 ? [] : (atlas?.grids ?? [])
  const results = useQueries({
    queries: grids.map(({ grid }) => ({
      queryKey: ['atlas.attribution', { atlas: atlas!.id, grid, classes }],
      queryFn: () => call('atlas.attribution', { atlas: atlas!.id, grid, classes: [...classes] }),
    })),
  })
  const updated = results.map(a => a.dataUpdatedAt).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: it changes with the results, whose array is new every time
  return useMemo(() => {
    const looks = new Map<number, Look>()
    const legends = new Map<number, readonly Legend[]>()
    grids.forEach(({ grid }, k) => {
      const data = results[k]?.data
      if (!data) return
      const cells = data.values.length / classes.length
      looks.set(grid, {
        mode,
        sign,
        classes: classes.map((_, c) => ({
          colour: classColour(c),
          values: data.values.subarray(c * cells, (c + 1) * cells),
          maximum: maximumOf(sign, data.max[c] ?? 0, data.min[c] ?? 0),
        })),
      })
      legends.set(
        grid,
        classes.map((index, c) => ({ index, min: data.min[c] ?? 0, max: data.max[c] ?? 0 })),
      )
    })
    const partial = results.find(a => a.data && a.data.known < a.data.of)?.data
    return {
      look: grid => looks.get(grid) ?? PLAIN,
      legend: grid => legends.get(grid) ?? [],
      known: partial ? `attribution known for ${number(partial.known)} of ${number(partial.of)} samples` : null,
    }
  }, [updated, classes, mode, sign, atlas?.id])
}
