import type { CSSProperties, ReactNode } from 'react'
import type { Cells } from '../../electron/contract/atlas.ts'
import { type IconSize, tileCells } from '../../electron/contract/pictures.ts'
import { usePictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { iconInTile } from './strip.ts'

interface CellIconProps {
  readonly atlas: number
  readonly grid: number
  readonly cells: Cells
  readonly cell: number
  /** Size of the loaded icon, pixels. */
  readonly size?: IconSize
  readonly className?: string | undefined
  readonly style?: CSSProperties
}

/** One icon cut from its tile, on the cell's mean colour until the tile has loaded. */
export function CellIcon({ atlas, grid, cells, cell, size = 32, className, style }: CellIconProps): ReactNode {
  const { key } = useProject()
  const { tileI, tileJ, position, size: backgroundSize } = iconInTile(cells, cell, tileCells)
  const url = usePictureAddress({
    kind: 'icons',
    project: key,
    atlas,
    grid,
    tileI,
    tileJ,
    size,
    revision: cells.revision,
  })
  const [red, green, blue] = cells.colour.subarray(cell * 3, cell * 3 + 3)
  return (
    <i
      aria-hidden
      className={className}
      style={{
        background: `${url === undefined ? '' : `url("${url}") ${position} / ${backgroundSize} `}rgb(${red} ${green} ${blue})`,
        ...style,
      }}
    />
  )
}
