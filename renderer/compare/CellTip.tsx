import type { ReactNode } from 'react'
import { labelName, noLabelText } from '../../electron/contract/cell-labels.ts'
import type { ClassCells } from '../../electron/contract/class-atlas.ts'
import { type ComparisonCells, noOtherClass, otherClassCount } from '../../electron/contract/comparison.ts'
import { tooFewText } from '../../electron/contract/inference.ts'
import type { MapLabels } from '../atlas/cell-labels.ts'
import type { CellIndex, Point } from '../atlas/cells.ts'
import { useProject } from '../state/project.ts'
import { count, signedText } from '../ui/text.ts'
import tipCss from '../ui/tip.module.css'
import { besidePointer } from '../ui/tip-place.ts'
import css from './cell-tip.module.css'

/** Maximum size of the tip, CSS pixels. */
const WIDTH = 300
const HEIGHT = 150

interface CellTipProps {
  readonly at: Point
  /** Of the map. */
  readonly width: number
  readonly height: number
  readonly index: CellIndex
  readonly cell: number
  readonly classes: readonly number[]
  readonly labels: MapLabels | undefined
  readonly comparison: ComparisonCells | undefined
  readonly classCells: ClassCells | undefined
}

/** `attribution to fireboat 0.31 [0.20, 0.42] logits, significant (mean of all samples 0.18)`. */
function attributionText(
  { attribution, low, high, photographs, significant, mean }: ClassCells,
  cell: number,
  name: string,
): string {
  const value = `attribution to ${name} ${signedText(attribution[cell] ?? 0)}`
  const tooFew = tooFewText(photographs[cell] ?? 0)
  if (tooFew !== null) return `${value} logits; ${tooFew}`
  const ends = `[${signedText(low[cell]!)}, ${signedText(high[cell]!)}] logits`
  const significance = significant[cell] === 1 ? 'significant' : 'not significant'
  return `${value} ${ends}, ${significance} (mean of all samples ${signedText(mean)})`
}

/** The tooltip of the cell under the pointer. */
export function CellTip({
  at,
  width,
  height,
  index,
  cell,
  classes,
  labels,
  comparison,
  classCells,
}: CellTipProps): ReactNode {
  const { className } = useProject()
  const { cells } = index
  const label = labels?.cells[cell]
  const fidelity = cells.fidelity[cell] ?? Number.NaN
  const style = {
    ...besidePointer(at.x, width, WIDTH),
    ...(at.y > height - HEIGHT ? { bottom: height - at.y + 12 } : { top: at.y + 16 }),
  }
  const fidelityText = Number.isNaN(fidelity) ? 'icon not rendered yet' : `fidelity ${fidelity.toFixed(2)}`
  if (classes.length === 1 || !comparison) {
    return (
      <div className={`${tipCss['tip']} ${css['tip']}`} style={style}>
        <strong>
          {label ? labelName(label) : labels ? (labels.note === null ? noLabelText : 'label unknown') : ''}
        </strong>
        <p>{`${label ? `agreement ${label.agreement.toFixed(2)} · ` : ''}${count(cells.count[cell]!, 'sample')}`}</p>
        {classCells && <p>{attributionText(classCells, cell, className(classes[0]!))}</p>}
        <p>{fidelityText}</p>
      </div>
    )
  }
  const [left, right] = classes
  const otherClasses = Array.from({ length: otherClassCount }, (_, t) => t + cell * otherClassCount).filter(
    t => comparison.otherClasses[t] !== noOtherClass,
  )
  const tooFew = tooFewText(comparison.photographs[cell]!)
  return (
    <div className={`${tipCss['tip']} ${css['tip']}`} style={style}>
      <strong>
        {`${signedText(comparison.difference[cell]!)} `}
        <span>
          {tooFew !== null
            ? `logits; ${tooFew}`
            : `[${signedText(comparison.low[cell]!)}, ${signedText(comparison.high[cell]!)}] logits${comparison.significant[cell] === 1 ? ', significant' : ', not significant'}`}
        </span>
      </strong>
      <dl>
        <dt style={{ color: 'var(--against)' }}>{className(left!)}</dt>
        <dd>{signedText(comparison.left[cell]!)}</dd>
        <dt style={{ color: 'var(--for)' }}>{className(right!)}</dt>
        <dd>{signedText(comparison.right[cell]!)}</dd>
        {otherClasses.slice(0, 3).map(t => (
          <div key={t}>
            <dt>{className(comparison.otherClasses[t]!)}</dt>
            <dd>{signedText(comparison.otherClassValues[t]!)}</dd>
          </div>
        ))}
      </dl>
      {`${count(cells.count[cell]!, 'sample')}, ${count(comparison.photographs[cell]!, 'photograph')} · ${fidelityText}`}
    </div>
  )
}
