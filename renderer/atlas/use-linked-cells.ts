import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { create } from 'zustand'
import type { LinkedCell } from '../../electron/contract/atlas.ts'
import type { FidelitySummary } from '../../electron/contract/fidelity.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { call } from '../state/queries.ts'
import { useHover, useView } from '../state/view.ts'
import type { MapLabels } from './cell-labels.ts'
import type { CellIndex } from './cells.ts'
import type { Look } from './look.ts'

/** The atlas, cells and labels that each pane shows, by pane id. */
export const useShownPanes = create<
  Readonly<
    Record<
      number,
      | {
          readonly atlas: number
          readonly index: CellIndex
          readonly labels?: MapLabels | undefined
          readonly fidelity?: FidelitySummary | undefined
          /** The colouring by the filter, before cells are dimmed. */
          readonly look?: Look | undefined
        }
      | undefined
    >
  >
>(() => ({}))

/** All cells that a pane shows. */
export function shownCells(pane: number): readonly CellRef[] {
  const shown = useShownPanes.getState()[pane]
  if (!shown) return []
  const { atlas, index } = shown
  const { grid, i, j } = index.cells
  return Array.from(i, (row, k) => ({ atlas, grid, i: row, j: j[k]! }))
}

/** The pointer must rest this long on a cell before its samples are looked up, ms. */
const REST = 45

/** Maximum number of cells of one request. */
const MAX_CELLS = 4096

/** The cells of other panes that hold the samples of the hovered or selected cells. */
export interface LinkedCells {
  /** The pane of the hovered or selected cells. */
  readonly pane: number
  readonly locations: readonly LinkedCell[]
  /** The number of cells that were looked up, of so many hovered or selected. */
  readonly requested: number
  readonly of: number
}

/** Looks up the samples of the hovered cell, or else of the selected ones, in all other panes. */
export function useLinkedCells(): LinkedCells | null {
  const hover = useHover()
  const selection = useView(state => state.selection)
  const shown = useShownPanes()
  const leader = hover.cell ? { pane: hover.pane, cells: [hover.cell] } : selection
  const from = leader ? shown[leader.pane] : undefined
  const index = from?.index
  const cells =
    leader && index
      ? leader.cells
          .filter(c => c.grid === index.cells.grid)
          .map(c => index.at(c.i, c.j))
          .filter(k => k >= 0)
      : []
  const others = Object.entries(shown).flatMap(([id, s]) =>
    s && Number(id) !== leader?.pane ? [{ atlas: s.atlas, grid: s.index.cells.grid }] : [],
  )
  const query =
    from && cells.length > 0 && others.length > 0
      ? JSON.stringify({ atlas: from.atlas, grid: from.index.cells.grid, cells: cells.slice(0, MAX_CELLS), others })
      : ''
  const [restedQuery, setRestedQuery] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setRestedQuery(query), query === '' ? 0 : REST)
    return () => clearTimeout(timer)
  }, [query])
  const { data } = useQuery({
    queryKey: ['cell.linked', restedQuery],
    queryFn: () => call('cell.linked', JSON.parse(restedQuery)),
    enabled: restedQuery !== '',
    gcTime: 10_000,
  })
  return leader && data && restedQuery === query
    ? { pane: leader.pane, locations: data, requested: Math.min(MAX_CELLS, cells.length), of: cells.length }
    : null
}
