import type { ReactNode } from 'react'
import type { Estimate } from '../../electron/contract/experiment-result.ts'
import { count, number, signedText } from '../ui/text.ts'
import css from './results.module.css'

interface Axis {
  readonly minimum: number
  readonly maximum: number
}
export const SHARES: Axis = { minimum: 0, maximum: 1 }

/** An axis that includes all estimates with their intervals, and 0. */
export function axisOf(estimates: readonly Estimate[]): Axis {
  return {
    minimum: Math.min(0, ...estimates.map(e => e.low)),
    maximum: Math.max(1e-3, ...estimates.map(e => e.high)),
  }
}

export function asShare(value: number): string {
  return `${(100 * value).toFixed(1)} %`.replace('-', '−')
}
export function asLogit(value: number): string {
  return signedText(value)
}

/** A difference of shares, in percentage points. */
export function asPoints(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`
}

/** Of fewer trials a share has no line: it would look like a measurement. */
const FEW = 5

/** An estimate as a dot with its interval as a bar, and both as numbers. */
export function DotBar({
  estimate,
  axis,
  text,
  colour = 'var(--for)',
  rate,
}: {
  readonly estimate: Estimate
  readonly axis: Axis
  readonly text: (value: number) => string
  readonly colour?: string
  /** The numbers of a share, which come first: 100 % of one trial is one trial. */
  readonly rate?: { readonly count: number; readonly of: number } | undefined
}): ReactNode {
  const at = (value: number): string =>
    `${100 * Math.min(1, Math.max(0, (value - axis.minimum) / (axis.maximum - axis.minimum)))}%`
  const { value, low, high, interval, photographs } = estimate
  if (photographs === 0) return <span className={css['none']}>no photographs</span>
  const hasInterval = interval !== 'none'
  return (
    <div
      className={css['dotbar']}
      title={`${text(value)}${hasInterval ? `, ${text(low)} to ${text(high)} (${interval})` : ', no interval'}, n = ${count(photographs, 'photograph')}`}
    >
      <div className={css['line']} aria-hidden data-few={rate !== undefined && rate.of < FEW}>
        <i className={css['zero']} style={{ left: at(0) }} />
        {hasInterval && (
          <i
            className={css['span']}
            style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})`, background: colour }}
          />
        )}
        <i className={css['dot']} style={{ left: at(value), background: colour }} />
      </div>
      <output>
        {rate === undefined ? text(value) : `${number(rate.count)} of ${number(rate.of)}`}
        <small>
          {rate !== undefined && `${text(value)}, `}
          {hasInterval ? `${text(low)} to ${text(high)}` : 'no interval'}
        </small>
      </output>
    </div>
  )
}
