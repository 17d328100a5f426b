import { type ReactNode, useEffect, useRef } from 'react'
import type { Cells } from '../../electron/contract/atlas.ts'
import type { Origins } from '../../electron/contract/class-atlas.ts'
import css from './compare.module.css'

/** Edge of the small map in its own units. */
const SIDE = 100

interface OriginMapProps {
  /** Of the whole atlas. */
  readonly cells: Cells
  readonly grid: number
  readonly layer: string
  /** Where the samples of every cell of the part lie there. */
  readonly origins: Origins
  readonly counts: Uint32Array
  /** The cell of the part that is pointed at or selected, or −1. */
  readonly marked: number
  readonly onOpen: () => void
}

/** The whole atlas in small, with the places that the cells of a part come from: a door back to it. */
export function OriginMap({ cells, grid, layer, origins, counts, marked, onOpen }: OriginMapProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d', { willReadFrequently: true })
    if (!context) return
    const image = context.createImageData(grid, grid)
    for (let k = 0; k < cells.i.length; k++) {
      const at = (cells.i[k]! * grid + cells.j[k]!) * 4
      image.data.set(cells.colour.subarray(k * 3, k * 3 + 3), at)
      image.data[at + 3] = 255
    }
    context.putImageData(image, 0, 0)
  }, [cells, grid])
  const most = Math.max(1, ...counts)
  return (
    <button
      type="button"
      className={css['origins']}
      title={`Where these cells lie in ${layer}: open there`}
      aria-label={`Show these cells in the whole atlas of ${layer}`}
      onClick={onOpen}
    >
      <canvas ref={canvas} width={grid} height={grid} />
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden>
        {Array.from(counts, (count, k) => (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: the k-th dot is the k-th cell
            key={k}
            cx={origins.x[k]! * SIDE}
            cy={origins.y[k]! * SIDE}
            r={1 + 1.6 * Math.sqrt(count / most)}
            data-marked={k === marked}
          />
        ))}
        {marked >= 0 && marked < counts.length && (
          <g>
            <circle
              data-spread
              cx={origins.x[marked]! * SIDE}
              cy={origins.y[marked]! * SIDE}
              r={Math.max(4, origins.spread[marked]! * SIDE)}
            />
            <circle data-marked cx={origins.x[marked]! * SIDE} cy={origins.y[marked]! * SIDE} r={2.6} />
          </g>
        )}
      </svg>
    </button>
  )
}
