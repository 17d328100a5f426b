import type { ReactNode } from 'react'
import { labelName, noLabelText } from '../../electron/contract/cell-labels.ts'
import { count } from '../ui/text.ts'
import css from '../ui/tip.module.css'
import { besidePointer } from '../ui/tip-place.ts'
import type { MapLabels } from './cell-labels.ts'
import type { CellIndex, Point } from './cells.ts'

/** Maximum width of the tip, CSS pixels. */
const WIDTH = 260

interface TipProps {
  readonly at: Point
  /** Of the pane. */
  readonly width: number
  readonly index: CellIndex
  readonly cell: number
  readonly labels: MapLabels | undefined
}

/** The tooltip of the cell under the pointer. */
export function Tip({ at, width, index, cell, labels }: TipProps): ReactNode {
  const { cells } = index
  const label = labels?.cells[cell]
  const fidelity = cells.fidelity[cell]!
  return (
    <div className={css['tip']} style={{ top: at.y + 16, maxWidth: WIDTH, ...besidePointer(at.x, width, WIDTH) }}>
      <strong>{label ? labelName(label) : labels ? (labels.note === null ? noLabelText : 'label unknown') : ''}</strong>
      {label ? `agreement ${label.agreement.toFixed(2)} · ` : ''}
      {count(cells.count[cell]!, 'sample')}
      {Number.isNaN(fidelity) ? ' · icon not rendered yet' : ` · fidelity ${fidelity.toFixed(2)}`}
    </div>
  )
}
