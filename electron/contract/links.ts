import { z } from 'zod'
import { AtlasId, CellRef, ProjectKey, Unit } from './values.ts'

/** What a link leads to: a cell of an atlas, or a place and zoom over it (1: the whole atlas fits). */
export const Place = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cell'), project: ProjectKey, cell: CellRef }).readonly(),
  z
    .object({
      kind: z.literal('view'),
      project: ProjectKey,
      atlas: AtlasId,
      x: Unit,
      y: Unit,
      zoom: z.number().positive().max(1000),
    })
    .readonly(),
])
export type Place = z.infer<typeof Place>

const rounded = (value: number): number => Math.round(value * 1e5) / 1e5

/** The one place where links are made: `portolan://open/0123456789abcdef/atlas/3/20/4,7` or `…/atlas/3?at=0.4,0.5,6`. */
export const placeUrl = (place: Place): string => {
  if (place.kind === 'cell') {
    const { atlas, grid, i, j } = place.cell
    return `portolan://open/${place.project}/atlas/${atlas}/${grid}/${i},${j}`
  }
  const at = [place.x, place.y, place.zoom].map(rounded).join()
  return `portolan://open/${place.project}/atlas/${place.atlas}?at=${at}`
}

const cellForm = /^portolan:\/\/open\/([0-9a-f]{16})\/atlas\/(\d{1,15})\/(\d{1,4})\/(\d{1,4}),(\d{1,4})$/
const number = '(\\d{1,4}(?:\\.\\d{1,5})?(?:e-\\d)?)'
const viewForm = new RegExp(`^portolan://open/([0-9a-f]{16})/atlas/(\\d{1,15})\\?at=${number},${number},${number}$`)

/** @returns undefined for whatever `placeUrl` would not have written */
export const parsePlace = (url: string): Place | undefined => {
  const cell = cellForm.exec(url)
  if (cell !== null) {
    const [atlas, grid, i, j] = cell.slice(2).map(Number)
    return accepted({ kind: 'cell', project: cell[1], cell: { atlas, grid, i, j } })
  }
  const view = viewForm.exec(url)
  if (view === null) return undefined
  const [atlas, x, y, zoom] = view.slice(2).map(Number)
  return accepted({ kind: 'view', project: view[1], atlas, x, y, zoom })
}

const accepted = (given: unknown): Place | undefined => {
  const parsed = Place.safeParse(given)
  return parsed.success ? parsed.data : undefined
}
