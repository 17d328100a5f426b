import type { ReactNode } from 'react'
import { agreement, count } from '../ui/text.ts'
import type { CellIndex, Point } from './cells.ts'
import css from './pane.module.css'

/** Closer than this to the right edge, the tip is on the other side of the pointer, CSS pixels. */
const WIDTH = 250

interface TipProps {
  readonly at: Point
  /** Of the pane. */
  readonly width: number
  readonly index: CellIndex
  readonly cell: number
  readonly className: (index: number) => string
}

/** The tooltip of the cell under the pointer. */
export function Tip({ at, width, index, cell, className }: TipProps): ReactNode {
  const { cells } = index
  const label = cells.label[cell]!
  const fidelity = cells.fidelity[cell]!
  const place = at.x > width - WIDTH ? { right: width - at.x + 12 } : { left: at.x + 14 }
  return (
    <div className={css['tip']} style={{ top: at.y + 16, ...place }}>
      <strong>{label < 0 ? 'no class' : className(label)}</strong>
      {label < 0 ? count(cells.count[cell]!, 'sample') : agreement(cells.share[cell]!, cells.count[cell]!)}
      {Number.isNaN(fidelity) ? ' · icon not rendered yet' : ` · fidelity ${fidelity.toFixed(2)}`}
    </div>
  )
}
