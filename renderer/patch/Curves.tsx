import type { ReactNode } from 'react'
import type { Sweep } from '../../electron/contract/sweep.ts'
import { css as cssOf } from '../atlas/colours.ts'
import { SOURCE_RGB, TARGET_RGB, type WinnerColours } from './colours.ts'
import css from './sweep.module.css'
import { crossingsAt, sizeIndex } from './sweep-grid.ts'

const [WIDTH, HEIGHT] = [600, 180]
/** Margins for the tick labels. */
const [MARGIN_LEFT, MARGIN_BOTTOM] = [38, 18]

interface CurvesProps {
  readonly sweep: Sweep
  readonly position: number
  readonly size: number
  readonly colours: WinnerColours
  readonly className: (index: number) => string
}

/** Probabilities by size at one position, and the sizes at which the top-1 class changes, as in the article's baseball example. */
export function Curves({ sweep, position, size, colours, className }: CurvesProps): ReactNode {
  const { sizes, positions, source, target } = sweep.plan
  const cells = positions ** 2
  const minimum = sizes[0]!
  const span = Math.max(1e-9, sizes.at(-1)! - minimum)
  const x = (k: number): number => ((sizes[k]! - minimum) / span) * WIDTH
  const y = (share: number): number => (1 - share) * HEIGHT
  const path = (column: Float32Array): string =>
    sizes
      .map((_, k) => [x(k), column[k * cells + position]!] as const)
      .filter(([, value]) => !Number.isNaN(value))
      .map(([at, value], k) => `${k === 0 ? 'M' : 'L'}${at.toFixed(1)} ${y(value).toFixed(1)}`)
      .join('')
  const crossings = crossingsAt(sweep, position)
  return (
    <figure className={css['curves']}>
      <figcaption>
        {crossings.length === 0
          ? 'The top-1 class does not change at this position.'
          : crossings.map(c => (
              <span key={c.size}>
                <i style={{ background: cssOf(colours.of(c.to)) }} aria-hidden />
                {`${className(c.to)} from ${Math.round(c.size * 100)} %`}
              </span>
            ))}
      </figcaption>
      <svg
        viewBox={`${-MARGIN_LEFT} -8 ${WIDTH + MARGIN_LEFT + 12} ${HEIGHT + MARGIN_BOTTOM + 8}`}
        role="img"
        aria-label="Probabilities by size"
      >
        {[0, 0.5, 1].map(share => (
          <g key={share}>
            <line className={css['rule']} x1={0} x2={WIDTH} y1={y(share)} y2={y(share)} />
            <text className={css['tick']} x={-6} y={y(share) + 4} textAnchor="end">{`${100 * share} %`}</text>
          </g>
        ))}
        {ticksOf(sizes.length).map(k => (
          <text key={k} className={css['tick']} x={x(k)} y={HEIGHT + 15} textAnchor="middle">
            {`${Math.round(sizes[k]! * 100)} %`}
          </text>
        ))}
        {crossings.map(c => (
          <line
            key={c.size}
            className={css['crossing']}
            x1={x(sizeIndex(sizes, c.size))}
            x2={x(sizeIndex(sizes, c.size))}
            y1={0}
            y2={HEIGHT}
          />
        ))}
        <line className={css['current']} x1={x(size)} x2={x(size)} y1={0} y2={HEIGHT} />
        {sizes.map((value, k) => {
          const winner = sweep.winner[k * cells + position]!
          if (winner < 0 || winner === source || winner === target) return null
          return (
            <circle
              key={value}
              cx={x(k)}
              cy={y(sweep.winnerProbability[k * cells + position]!)}
              r={3.5}
              fill={cssOf(colours.of(winner))}
            />
          )
        })}
        <path d={path(sweep.sourceProbability)} stroke={cssOf(SOURCE_RGB)} />
        <path d={path(sweep.targetProbability)} stroke={cssOf(TARGET_RGB)} />
      </svg>
      <p className={css['key']}>
        <span>
          <i style={{ background: cssOf(SOURCE_RGB) }} aria-hidden /> {className(source)}
        </span>
        <span>
          <i style={{ background: cssOf(TARGET_RGB) }} aria-hidden /> {className(target)}
        </span>
        <span>dots: another top-1 class; horizontal axis: size</span>
      </p>
    </figure>
  )
}

/** At most ten sizes, evenly spaced from the first. */
function ticksOf(n: number): readonly number[] {
  const every = Math.ceil(n / 10)
  return Array.from({ length: Math.ceil(n / every) }, (_, k) => k * every)
}
