import { type ReactNode, useEffect, useState } from 'react'
import { labelName, noLabelText } from '../../electron/contract/cell-labels.ts'
import { shareText } from '../../electron/contract/stability.ts'
import type { ClassValue } from '../../electron/contract/values.ts'
import { CellIcon } from '../compare/CellIcon.tsx'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Picture } from '../ui/Picture.tsx'
import { count, signedText } from '../ui/text.ts'
import { besidePointer } from '../ui/tip-place.ts'
import type { MapLabels } from './cell-labels.ts'
import type { CellIndex, Point } from './cells.ts'
import type { Look } from './look.ts'
import css from './tip.module.css'

/** Size of the card, CSS pixels. */
const WIDTH = 336
const HEIGHT = 230
/** The pointer must rest this long on a cell before its classes and photographs are read, ms. */
const REST = 140
/** Classes of each sign, and photographs. */
const LISTED = 3

interface TipProps {
  readonly at: Point
  /** Of the map. */
  readonly width: number
  readonly height: number
  readonly atlas: number
  readonly index: CellIndex
  readonly cell: number
  readonly labels: MapLabels | undefined
  readonly look: Look
  /** The classes of the filter. */
  readonly filtered: readonly number[]
  /** Share of map neighbours that its samples keep, where the map is shaded by it. */
  readonly kept: number | undefined
}

/** The card of the cell under the pointer: its icon enlarged, its classes, its value under the filter, photographs. */
export function Tip({ at, width, height, atlas, index, cell, labels, look, filtered, kept }: TipProps): ReactNode {
  const { key, className } = useProject()
  const { cells } = index
  const label = labels?.cells[cell]
  const fidelity = cells.fidelity[cell]!
  const ref = useRested({ atlas, grid: cells.grid, i: cells.i[cell]!, j: cells.j[cell]! })
  const { data } = useCall('cell.detail', ref && { ...ref, classes: LISTED, nearest: LISTED })
  const photographs = data?.nearest.filter(crop => crop.available) ?? []
  const place = {
    ...besidePointer(at.x, width, WIDTH),
    ...(at.y > height - HEIGHT ? { bottom: Math.max(0, height - at.y + 12) } : { top: at.y + 16 }),
  }
  return (
    <div className={css['card']} data-card style={{ width: Math.min(WIDTH, width), ...place }}>
      <CellIcon className={css['icon']} atlas={atlas} grid={cells.grid} cells={cells} cell={cell} size={80} />
      <div className={css['head']}>
        <strong>
          {label ? labelName(label) : labels ? (labels.note === null ? noLabelText : 'label unknown') : ''}
        </strong>
        <p>
          {label ? `agreement ${label.agreement.toFixed(2)} · ` : ''}
          {count(cells.count[cell]!, 'sample')}
          {Number.isNaN(fidelity) ? ' · icon not rendered yet' : ` · fidelity ${fidelity.toFixed(2)}`}
        </p>
        {look.classes.map(({ values }, k) => (
          <p key={filtered[k]} className={css['filtered']}>
            <span>{className(filtered[k]!)}</span>
            <b>{signedText(values[cell]!)}</b>
          </p>
        ))}
        {kept !== undefined && (
          <p className={css['filtered']}>
            <span>Map neighbours kept</span>
            <b>{shareText(kept)}</b>
          </p>
        )}
        {photographs.length > 0 && (
          <div className={css['photographs']}>
            {photographs.map(({ sample, image, box }) => (
              <Picture
                key={sample}
                alt=""
                picture={{ kind: 'photo', project: key, image, box: clipped(box), size: 96 }}
              />
            ))}
          </div>
        )}
      </div>
      <div className={css['classes']}>
        <Classes name="For" values={data?.for ?? []} colour="var(--for)" />
        <Classes name="Against" values={data?.against ?? []} colour="var(--against)" />
      </div>
    </div>
  )
}

interface ClassesProps {
  readonly name: string
  readonly values: readonly ClassValue[]
  readonly colour: string
}

/** Mean attributions, logits. Rows are kept free until they are known, so that the card does not jump. */
function Classes({ name, values, colour }: ClassesProps): ReactNode {
  const { className } = useProject()
  return (
    <dl aria-label={`${name}, logits`}>
      {Array.from({ length: LISTED }, (_, k) => {
        const one = values[k]
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the k-th row is the k-th row
          <div key={k}>
            <dt title={one && className(one.index)}>{one ? className(one.index) : '\u00a0'}</dt>
            <dd style={{ color: colour }}>{one ? signedText(one.value) : ''}</dd>
          </div>
        )
      })}
    </dl>
  )
}

const clipped = (box: { left: number; top: number; right: number; bottom: number }) => {
  const within = (value: number): number => Math.min(1, Math.max(0, value))
  return { left: within(box.left), top: within(box.top), right: within(box.right), bottom: within(box.bottom) }
}

/** The value once it has been the same for a while; null before. */
function useRested<Value>(value: Value): Value | null {
  const text = JSON.stringify(value)
  const [rested, setRested] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST)
    return () => clearTimeout(timer)
  }, [text])
  return rested === text ? value : null
}
