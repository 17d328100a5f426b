import { type PointerEvent, type ReactNode, useRef } from 'react'
import { histogram, within } from '../atlas/cell-measures.ts'
import { type CellRange, type Measure, setCellRange } from '../state/cell-range.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { decimal, number } from '../ui/text.ts'
import css from './table.module.css'

const BINS = 40

interface HistogramProps {
  readonly pane: number
  readonly measure: Measure
  readonly name: string
  readonly values: ArrayLike<number>
  readonly range: CellRange | undefined
}

/** How many cells have which value; a range that is dragged in it, or typed, dims all other cells on the map. */
export function Histogram({ pane, measure, name, values, range: given, ...rest }: HistogramProps): ReactNode {
  const from = useRef<number>(undefined)
  const found = histogram(values, BINS)
  if (found === undefined) return <p className={panel['note']}>{`No cell has a ${name} yet.`}</p>
  const { counts, low, high } = found
  const range = given?.measure === measure ? given : undefined
  const most = Math.max(...counts)
  const at = (value: number): number => (high > low ? (100 * (value - low)) / (high - low) : 0)
  const valueAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return low + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (high - low)
  }
  const set = (a: number, b: number): void => setCellRange(pane, { measure, low: Math.min(a, b), high: Math.max(a, b) })
  const inside = range ? Array.from(values).filter(value => within(value, range)).length : values.length
  const digits = measure === 'samples' ? number : decimal
  const field = (label: string, value: number, change: (value: number) => void): ReactNode => (
    <label>
      {label}
      <input
        type="number"
        step="any"
        value={Number(value.toPrecision(4))}
        onChange={event => event.target.value !== '' && change(Number(event.target.value))}
      />
    </label>
  )
  return (
    <div className={css['histogram']} {...rest}>
      <div
        className={css['bins']}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          from.current = valueAt(event)
        }}
        onPointerMove={event => {
          if (from.current !== undefined && event.currentTarget.hasPointerCapture(event.pointerId))
            set(from.current, valueAt(event))
        }}
        onPointerUp={() => {
          from.current = undefined
        }}
      >
        <svg viewBox={`0 0 ${BINS} 100`} preserveAspectRatio="none" role="img" aria-label={`Histogram of ${name}`}>
          {Array.from(counts, (count, k) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the k-th bin is the k-th bin
            <rect key={k} x={k + 0.08} width={0.84} y={100 - (100 * count) / most} height={(100 * count) / most} />
          ))}
        </svg>
        {range && (
          <i
            style={{
              left: `${Math.max(0, at(range.low))}%`,
              width: `${Math.min(100, at(range.high)) - Math.max(0, at(range.low))}%`,
            }}
          />
        )}
      </div>
      <div className={css['ends']}>
        <span>{digits(low)}</span>
        <span>{digits(high)}</span>
      </div>
      <div className={css['range']}>
        {field('From', range?.low ?? low, value => set(value, range?.high ?? high))}
        {field('to', range?.high ?? high, value => set(range?.low ?? low, value))}
        <Button disabled={range === undefined} onClick={() => setCellRange(pane, undefined)}>
          Clear
        </Button>
      </div>
      <p className={panel['note']} role="status">
        {`${number(inside)} of ${number(values.length)} cells${range ? ' in this range' : ': drag over the bars to show a part of them'}`}
      </p>
    </div>
  )
}
