import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import type { Sweep } from '../../electron/contract/sweep.ts'
import type { Rgb } from '../atlas/colours.ts'
import css from './sweep.module.css'
import { type At, sizeIndex } from './sweep-grid.ts'

interface HeatMapProps {
  readonly title: string
  readonly sweep: Sweep
  /** Colour of a composition; null if it is not computed yet. */
  readonly colour: (index: number) => Rgb | null
  readonly at: At
  readonly onAt: (at: At) => void
  readonly description: string
}

/** Sizes from left to right, positions from top to bottom; white strokes mark changes of the top-1 class. */
export function HeatMap({ title, sweep, colour, at, onAt, description }: HeatMapProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { sizes, positions } = sweep.plan
  const [columns, rows] = [sizes.length, positions ** 2]
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const image = context.createImageData(columns, rows)
    for (let position = 0; position < rows; position++)
      for (let size = 0; size < columns; size++) {
        const rgb = colour(size * rows + position)
        if (rgb !== null) image.data.set([...rgb, 255], 4 * (position * columns + size))
      }
    context.putImageData(image, 0, 0)
  }, [colour, columns, rows])
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (step === undefined) return
    event.preventDefault()
    onAt({
      size: Math.min(columns - 1, Math.max(0, at.size + step[0]!)),
      position: Math.min(rows - 1, Math.max(0, at.position + step[1]!)),
    })
  }
  return (
    <figure className={css['map']}>
      <figcaption>{title}</figcaption>
      <div
        className={css['plot']}
        role="application"
        aria-label={`${title} by size and position; arrow keys select. ${description}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        style={{ height: Math.min(380, Math.max(96, rows * 15)) }}
        onKeyDown={move}
        onPointerDown={event => {
          const box = event.currentTarget.getBoundingClientRect()
          onAt({
            size: Math.min(columns - 1, Math.floor(((event.clientX - box.left) / box.width) * columns)),
            position: Math.min(rows - 1, Math.floor(((event.clientY - box.top) / box.height) * rows)),
          })
        }}
      >
        <canvas ref={canvas} width={columns} height={rows} aria-hidden />
        <svg viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
          {sweep.crossings.map(c => {
            const [x, y] = [sizeIndex(sizes, c.size), c.row * positions + c.column]
            return <line key={`${x},${y}`} x1={x} y1={y + 0.08} x2={x} y2={y + 0.92} />
          })}
          <rect x={at.size} y={at.position} width={1} height={1} />
        </svg>
      </div>
      <div className={css['axis']} aria-hidden>
        <span>{`${Math.round(sizes[0]! * 100)} %`}</span>
        <span>size</span>
        <span>{`${Math.round(sizes.at(-1)! * 100)} %`}</span>
      </div>
    </figure>
  )
}
