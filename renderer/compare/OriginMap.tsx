import { type ReactNode, useEffect, useRef } from 'react'
import type { Cells } from '../../electron/contract/atlas.ts'
import type { Origins } from '../../electron/contract/class-atlas.ts'
import { drawThumbnail } from '../atlas/minimap.ts'
import css from './origin-map.module.css'

/** Side of the thumbnail in its own units. */
const SIDE = 100

interface OriginMapProps {
  /** Of the whole atlas. */
  readonly cells: Cells
  readonly grid: number
  readonly layer: string
  /** The location of every cell of a class atlas's samples in the whole atlas. */
  readonly origins: Origins
  readonly counts: Uint32Array
  /** The hovered or selected cell of a class atlas, or −1. */
  readonly marked: number
  readonly onOpen: () => void
}

/** A thumbnail of the whole atlas with the origins of the cells of a class atlas, which opens the atlas. */
export function OriginMap({ cells, grid, layer, origins, counts, marked, onOpen }: OriginMapProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current) drawThumbnail(canvas.current, { ...cells, grid })
  }, [cells, grid])
  const largest = Math.max(1, ...counts)
  return (
    <button
      type="button"
      className={css['origins']}
      title={`Positions in the atlas of ${layer}; click to open it`}
      aria-label={`Show these cells in the whole atlas of ${layer}`}
      onClick={onOpen}
    >
      <canvas ref={canvas} />
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden>
        {Array.from(counts, (count, k) => (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: the k-th dot is the k-th cell
            key={k}
            cx={origins.x[k]! * SIDE}
            cy={origins.y[k]! * SIDE}
            r={1 + 1.6 * Math.sqrt(count / largest)}
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
