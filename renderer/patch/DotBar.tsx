import type { ReactNode } from 'react'
import type { Estimate } from '../../electron/contract/experiment.ts'
import { signedText } from './readings.ts'
import css from './results.module.css'

export interface Axis {
  readonly least: number
  readonly most: number
}
export const SHARES: Axis = { least: 0, most: 1 }

/** An axis that holds all of these with their intervals, and 0. */
export const axisOf = (estimates: readonly Estimate[]): Axis => ({
  least: Math.min(0, ...estimates.map(e => e.low)),
  most: Math.max(1e-3, ...estimates.map(e => e.high)),
})

export const asShare = (value: number): string => `${(100 * value).toFixed(1)} %`.replace('-', '−')
export const asLogit = (value: number): string => signedText(value, true)

/** A difference of shares, in percentage points. */
export const asPoints = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`

/** An estimate as a dot, its interval as a bar, and both in numbers. */
export function DotBar({
  estimate,
  axis,
  text,
  colour = 'var(--for)',
}: {
  readonly estimate: Estimate
  readonly axis: Axis
  readonly text: (value: number) => string
  readonly colour?: string
}): ReactNode {
  const at = (value: number): string =>
    `${100 * Math.min(1, Math.max(0, (value - axis.least) / (axis.most - axis.least)))}%`
  const { value, low, high, interval, photographs } = estimate
  if (photographs === 0) return <span className={css['none']}>no photographs</span>
  const known = interval !== 'none'
  return (
    <div
      className={css['dotbar']}
      title={`${text(value)}${known ? `, ${text(low)} to ${text(high)} (${interval})` : ', no interval'}, n = ${photographs} photographs`}
    >
      <div className={css['line']} aria-hidden>
        <i className={css['zero']} style={{ left: at(0) }} />
        {known && (
          <i
            className={css['span']}
            style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})`, background: colour }}
          />
        )}
        <i className={css['dot']} style={{ left: at(value), background: colour }} />
      </div>
      <output>
        {text(value)}
        <small>{known ? `${text(low)} to ${text(high)}` : 'no interval'}</small>
      </output>
    </div>
  )
}
