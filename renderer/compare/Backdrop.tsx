import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { gridNear } from '../../electron/contract/class-atlas.ts'
import { tileCells } from '../../electron/contract/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Picture } from '../ui/Picture.tsx'
import css from './backdrop.module.css'

/** Cells per side: a coarse grid is enough for a background. */
const CELLS = 24

/** The source atlas as a faint background. The map sets `--x0`, `--y0` and `--s`. */
export function Backdrop({ source, shown }: { readonly source: AtlasSummary; readonly shown: boolean }): ReactNode {
  const { key } = useProject()
  const grid = gridNear(source, CELLS)
  const { data: cells } = useCall('atlas.cells', grid === undefined ? null : { atlas: source.id, grid })
  if (!cells || grid === undefined) return null
  const tiles = Math.ceil(grid / tileCells)
  const edge = (100 * tileCells) / grid
  const used = new Set(
    Array.from(cells.i, (i, k) => Math.floor(i / tileCells) * tiles + Math.floor(cells.j[k]! / tileCells)),
  )
  return (
    <div className={css['backdrop']} data-shown={shown} aria-hidden>
      {[...used].map(k => {
        const [tileI, tileJ] = [Math.floor(k / tiles), k % tiles]
        const picture = { project: key, atlas: source.id, grid, tileI, tileJ, revision: cells.revision } as const
        return (
          <Picture
            key={`${tileI},${tileJ}`}
            picture={{ kind: 'icons', ...picture, size: 32 }}
            alt=""
            style={{ left: `${tileJ * edge}%`, top: `${tileI * edge}%`, width: `${edge}%` }}
          />
        )
      })}
    </div>
  )
}
