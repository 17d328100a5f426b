import { useQueries } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import type { AtlasSummary, Cells as Columns } from '../../electron/contract/atlas.ts'
import { pictureAddress } from '../state/pictures.ts'
import { call } from '../state/queries.ts'
import type { ClassFilter } from '../state/view.ts'
import { CellIndex } from './cells.ts'
import { classColour } from './colours.ts'
import { type Look, PLAIN } from './look.ts'
import type { Level } from './scene.ts'

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

/** The grids of an atlas, each as soon as its cells have come. */
export function useLevels(
  project: string,
  atlas: AtlasSummary | undefined,
): { levels: readonly Level[]; error: Error | null } {
  const answers = useQueries({
    queries: (atlas?.grids ?? []).map(({ grid }) => ({
      queryKey: ['atlas.cells', { atlas: atlas!.id, grid }],
      queryFn: () => call('atlas.cells', { atlas: atlas!.id, grid }),
    })),
  })
  const data = answers.map(a => a.data)
  const before = useRef<{ data: readonly (Columns | undefined)[]; levels: readonly Level[]; id: number }>(undefined)
  const last = before.current
  const same =
    last && last.id === atlas?.id && last.data.length === data.length && data.every((d, k) => d === last.data[k])
  if (!same) {
    const levels = (atlas?.grids ?? []).flatMap(({ grid }, k): Level[] => {
      const columns = data[k]
      if (!columns) return []
      const url = (tileX: number, tileY: number, size: number): string =>
        pictureAddress({
          kind: 'icons',
          project,
          atlas: atlas!.id,
          grid,
          tileI: tileY,
          tileJ: tileX,
          size: SIZES.find(s => s >= size) ?? 80,
          revision: columns.revision,
        })
      return [{ index: indexOf(columns, grid), source: `${project}/${atlas!.id}`, url }]
    })
    before.current = { data, levels, id: atlas?.id ?? 0 }
  }
  return { levels: before.current!.levels, error: answers.find(a => a.error)?.error ?? null }
}

export interface Legend {
  readonly index: number
  readonly min: number
  readonly max: number
}

/** What a class filter makes of every grid, and the numbers for its legend. */
export function useLook(
  atlas: AtlasSummary | undefined,
  filter: ClassFilter,
): { look: (grid: number) => Look; legend: (grid: number) => readonly Legend[]; known: string | null } {
  const { classes, mode, sign } = filter
  const grids = classes.length === 0 ? [] : (atlas?.grids ?? [])
  const answers = useQueries({
    queries: grids.map(({ grid }) => ({
      queryKey: ['atlas.attribution', { atlas: atlas!.id, grid, classes }],
      queryFn: () => call('atlas.attribution', { atlas: atlas!.id, grid, classes: [...classes] }),
    })),
  })
  const stamp = answers.map(a => a.dataUpdatedAt).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp stands for the answers, whose array is new every time
  return useMemo(() => {
    const looks = new Map<number, Look>()
    const legends = new Map<number, readonly Legend[]>()
    grids.forEach(({ grid }, k) => {
      const data = answers[k]?.data
      if (!data) return
      const cells = data.values.length / classes.length
      looks.set(grid, {
        mode,
        sign,
        classes: classes.map((_, c) => ({
          colour: classColour(c),
          values: data.values.subarray(c * cells, (c + 1) * cells),
          maximum: sign === 'for' ? (data.max[c] ?? 0) : -(data.min[c] ?? 0),
        })),
      })
      legends.set(
        grid,
        classes.map((index, c) => ({ index, min: data.min[c] ?? 0, max: data.max[c] ?? 0 })),
      )
    })
    const partial = answers.find(a => a.data && a.data.known < a.data.of)?.data
    return {
      look: grid => looks.get(grid) ?? PLAIN,
      legend: grid => legends.get(grid) ?? [],
      known: partial ? `attribution known for ${partial.known} of ${partial.of} samples` : null,
    }
  }, [stamp, classes, mode, sign, atlas?.id])
}
