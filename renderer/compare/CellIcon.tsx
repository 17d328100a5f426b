import type { CSSProperties, ReactNode } from 'react'
import type { Cells } from '../../electron/contract/atlas.ts'
import { type IconSize, sheetCells } from '../../electron/contract/pictures.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { iconInSheet } from './strip.ts'

interface CellIconProps {
  readonly atlas: number
  readonly grid: number
  readonly cells: Cells
  readonly cell: number
  /** Edge of the icon that is fetched, pixels. */
  readonly size?: IconSize
  readonly className?: string | undefined
  readonly style?: CSSProperties
}

/** One icon cut from its sheet: on the mean colour, which stands until the sheet has come. */
export function CellIcon({ atlas, grid, cells, cell, size = 32, className, style }: CellIconProps): ReactNode {
  const { key } = useProject()
  const { tileI, tileJ, position, size: share } = iconInSheet(cells, cell, sheetCells)
  const url = pictureAddress({
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
        background: `url("${url}") ${position} / ${share} rgb(${red} ${green} ${blue})`,
        ...style,
      }}
    />
  )
}
