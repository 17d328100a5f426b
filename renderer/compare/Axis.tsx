import type { CSSProperties, ReactNode } from 'react'
import { signedText } from '../ui/text.ts'
import css from './axis.module.css'
import { across, axisTicks } from './axis.ts'

/** The screen position of a value; the map sets `--x0` and `--s`. */
const positionOf = (value: number, scale: number): CSSProperties => ({
  left: `calc(var(--x0, 0px) + ${across(value, scale)} * var(--s, 0px))`,
})

/** The zero line over the map: equal attribution to both classes. */
export function ZeroLine({ scale }: { readonly scale: number }): ReactNode {
  return <div className={css['zero']} style={positionOf(0, scale)} aria-hidden />
}

interface AxisProps {
  /** Logits at the right end of the axis. */
  readonly scale: number
  /** `predicted attribution difference, logits`. */
  readonly title: string
  readonly left: string
  readonly right: string
  /** Cells are displaced: the axis does not apply. */
  readonly idle: boolean
}

/** The horizontal axis, below the map. */
export function Axis({ scale, title, left, right, idle }: AxisProps): ReactNode {
  return (
    <div
      className={css['axis']}
      data-idle={idle}
      role="img"
      aria-label={`Horizontal axis, ${title}: attribution to ${right} minus attribution to ${left}, from ${signedText(-scale)} to ${signedText(scale)}, 0 in the middle`}
    >
      <div className={css['ticks']}>
        {axisTicks(scale).map(({ value, text }, k, all) => (
          <span
            key={value}
            style={positionOf(value, scale)}
            data-zero={value === 0}
            data-minor={(k - (all.length - 1) / 2) % 2 !== 0}
          >
            {text}
          </span>
        ))}
      </div>
      <div className={css['sides']}>
        <span style={{ color: 'var(--against)' }}>{`← ${left}`}</span>
        <span>{title}</span>
        <span style={{ color: 'var(--for)' }}>{`${right} →`}</span>
      </div>
    </div>
  )
}
