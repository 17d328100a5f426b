import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { create } from 'zustand'
import type { Elsewhere } from '../../electron/contract/atlas.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { call } from '../state/queries.ts'
import { useHover, useView } from '../state/view.ts'
import type { CellIndex } from './cells.ts'

/** What every pane shows now: needed to ask where samples lie in the others. */
export const useShown = create<
  Readonly<Record<number, { readonly atlas: number; readonly index: CellIndex } | undefined>>
>(() => ({}))

/** All cells that a pane shows now. */
export const shownCells = (pane: number): readonly CellRef[] => {
  const shown = useShown.getState()[pane]
  if (!shown) return []
  const { atlas, index } = shown
  const { grid, i, j } = index.cells
  return Array.from(i, (row, k) => ({ atlas, grid, i: row, j: j[k]! }))
}

/** A pointer passes many cells on its way: only where it rests is worth a question. */
const REST = 45

/** Cells that one question may be about. */
const MOST = 4096

export interface Followed {
  /** The pane that leads. */
  readonly pane: number
  readonly places: readonly Elsewhere[]
  /** Of so many cells the question was, of so many that are pointed at. */
  readonly asked: number
  readonly of: number
}

/** Where the samples of the hovered cell lie in every other pane, or of the selected ones while nothing is hovered. */
export function useElsewhere(): Followed | null {
  const hover = useHover()
  const selection = useView(state => state.selection)
  const shown = useShown()
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
  const question =
    from && cells.length > 0 && others.length > 0
      ? JSON.stringify({ atlas: from.atlas, grid: from.index.cells.grid, cells: cells.slice(0, MOST), others })
      : ''
  const [rested, setRested] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setRested(question), question === '' ? 0 : REST)
    return () => clearTimeout(timer)
  }, [question])
  const { data } = useQuery({
    queryKey: ['cell.elsewhere', rested],
    queryFn: () => call('cell.elsewhere', JSON.parse(rested)),
    enabled: rested !== '',
    gcTime: 10_000,
  })
  return leader && data && rested === question
    ? { pane: leader.pane, places: data, asked: Math.min(MOST, cells.length), of: cells.length }
    : null
}
