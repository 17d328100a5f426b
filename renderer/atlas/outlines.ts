import type { LinkedCell } from '../../electron/contract/atlas.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import type { Cells } from './cells.ts'
import type { Frame } from './frames.ts'

const WHITE = [255, 255, 255] as const
const BLUE = [138, 184, 240] as const
const GOLD = [246, 200, 92] as const

interface Outlined {
  readonly cells: Cells | undefined
  /** The cells here that hold the samples of the cells hovered or selected in another pane. */
  readonly linked: LinkedCell | undefined
  readonly selected: readonly CellRef[]
  readonly hovered: CellRef | null
  /** Cells with a note. */
  readonly noted: readonly CellRef[]
}

const frame = (
  cell: { readonly grid: number; readonly i: number; readonly j: number },
  rest: Pick<Frame, 'colour' | 'opacity' | 'width'>,
): Frame => ({ x: cell.j / cell.grid, y: cell.i / cell.grid, side: 1 / cell.grid, ...rest })

/** Frames in drawing order: notes, linked samples (opacity by count), selection, hovered cell. */
export function outlines({ cells, linked, selected, hovered, noted }: Outlined): readonly Frame[] {
  const list = noted.map(cell => frame(cell, { colour: WHITE, opacity: 0.55, width: 1 }))
  if (linked && cells) {
    const largest = Math.max(1, ...linked.counts)
    linked.cells.forEach((k, at) => {
      const share = linked.counts[at]! / largest
      const cell = { grid: cells.grid, i: cells.i[k]!, j: cells.j[k]! }
      list.push(frame(cell, { colour: GOLD, opacity: 0.12 + 0.88 * share, width: 1 + 2 * share }))
    })
  }
  for (const cell of selected) list.push(frame(cell, { colour: BLUE, opacity: 1, width: 2.5 }))
  if (hovered) list.push(frame(hovered, { colour: WHITE, opacity: 1, width: 2 }))
  return list
}
