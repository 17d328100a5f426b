import type { CSSProperties, ReactNode } from 'react'
import { across, signedText, ticks } from './axis.ts'
import css from './compare.module.css'

const digitsOf = (values: readonly number[]): number => {
  const step = Math.abs(values[1]! - values[0]!)
  return values.length < 2 || step >= 1 ? 0 : step >= 0.1 ? 1 : 2
}

/** A place along the axis; the map says where that is on the screen (`--x0`, `--s`). */
const at = (value: number, scale: number): CSSProperties => ({
  left: `calc(var(--x0, 0px) + ${across(value, scale)} * var(--s, 0px))`,
})

/** The line at zero, over the map: neither class is spoken for more than the other. */
export const ZeroLine = ({ scale }: { readonly scale: number }): ReactNode => (
  <div className={css['zero']} style={at(0, scale)} aria-hidden />
)

interface AxisProps {
  /** Logits at the right end. */
  readonly scale: number
  readonly left: string
  readonly right: string
  /** While cells are elsewhere the numbers do not hold. */
  readonly idle: boolean
}

/** Below the map: what the horizontal means, in numbers. */
export function Axis({ scale, left, right, idle }: AxisProps): ReactNode {
  const values = ticks(scale)
  const digits = digitsOf(values)
  return (
    <div
      className={css['axis']}
      data-idle={idle}
      role="img"
      aria-label={`Horizontally: attribution to ${right} minus attribution to ${left}, from ${signedText(-scale)} to ${signedText(scale)} logits, 0 in the middle`}
    >
      <div className={css['ticks']}>
        {values.map(value => (
          <span key={value} style={at(value, scale)} data-zero={value === 0}>
            {signedText(value, digits)}
          </span>
        ))}
      </div>
      <div className={css['sides']}>
        <span style={{ color: 'var(--against)' }}>{`← ${left}`}</span>
        <span>difference of attribution, logits</span>
        <span style={{ color: 'var(--for)' }}>{`${right} →`}</span>
      </div>
    </div>
  )
}
