import { type ReactNode, useEffect, useRef } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { drawChart } from '../atlas/minimap.ts'
import { useCall } from '../state/queries.ts'
import page from '../ui/page.module.css'

/** The whole atlas in small, and a place in it. */
export function PlaceMap({
  atlas,
  x,
  y,
}: {
  readonly atlas: AtlasSummary
  readonly x: number
  readonly y: number
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const grid = atlas.grids.find(g => g.grid >= 20)?.grid ?? atlas.grids.at(-1)?.grid
  const { data } = useCall('atlas.cells', grid === undefined ? null : { atlas: atlas.id, grid })
  useEffect(() => {
    if (canvas.current && data && grid !== undefined) drawChart(canvas.current, { ...data, grid })
  }, [data, grid])
  return (
    <div
      className={page['place']}
      role="img"
      aria-label={`${Math.round(100 * x)} % from the left, ${Math.round(100 * y)} % from the top`}
    >
      <canvas ref={canvas} />
      <i style={{ left: `${100 * x}%`, top: `${100 * y}%` }} />
    </div>
  )
}
