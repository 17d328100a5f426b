import { z } from 'zod'
import { AtlasId, CellRef, ProjectKey, Unit } from './values.ts'

/**
 * What a link leads to: a cell of an atlas, a place and zoom over it (1: the whole atlas fits), or all panes of a window as
 * base64url of its JSON, which the window validates.
 */
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
  z.object({ kind: z.literal('panes'), project: ProjectKey, panes: z.string().regex(/^[\w-]{1,8000}$/) }).readonly(),
])
export type Place = z.infer<typeof Place>

const rounded = (value: number): number => Math.round(value * 1e5) / 1e5

/** The one place where links are made: `portolan://open/0123456789abcdef/atlas/3/20/4,7`, `…/atlas/3?at=0.4,0.5,6`, `…/panes/eyJ2…`. */
export const placeUrl = (place: Place): string => {
  if (place.kind === 'cell') {
    const { atlas, grid, i, j } = place.cell
    return `portolan://open/${place.project}/atlas/${atlas}/${grid}/${i},${j}`
  }
  if (place.kind === 'panes') return `portolan://open/${place.project}/panes/${place.panes}`
  const at = [place.x, place.y, place.zoom].map(rounded).join()
  return `portolan://open/${place.project}/atlas/${place.atlas}?at=${at}`
}

const cellForm = /^portolan:\/\/open\/([0-9a-f]{16})\/atlas\/(\d{1,15})\/(\d{1,4})\/(\d{1,4}),(\d{1,4})$/
const panesForm = /^portolan:\/\/open\/([0-9a-f]{16})\/panes\/([\w-]{1,8000})$/
const number = '(\\d{1,4}(?:\\.\\d{1,5})?(?:e-\\d)?)'
const viewForm = new RegExp(`^portolan://open/([0-9a-f]{16})/atlas/(\\d{1,15})\\?at=${number},${number},${number}$`)

/** @returns undefined for whatever `placeUrl` would not have written */
export const parsePlace = (url: string): Place | undefined => {
  const cell = cellForm.exec(url)
  if (cell !== null) {
    const [atlas, grid, i, j] = cell.slice(2).map(Number)
    return accepted({ kind: 'cell', project: cell[1], cell: { atlas, grid, i, j } })
  }
  const panes = panesForm.exec(url)
  if (panes !== null) return accepted({ kind: 'panes', project: panes[1], panes: panes[2] })
  const view = viewForm.exec(url)
  if (view === null) return undefined
  const [atlas, x, y, zoom] = view.slice(2).map(Number)
  return accepted({ kind: 'view', project: view[1], atlas, x, y, zoom })
}

const accepted = (given: unknown): Place | undefined => {
  const parsed = Place.safeParse(given)
  return parsed.success ? parsed.data : undefined
}
