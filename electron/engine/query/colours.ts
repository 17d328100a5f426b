import type { AtlasRecord } from '../store/atlases.ts'
import { listGrids } from '../store/cells.ts'
import { type ShownCellRow, tileIcons } from '../store/views.ts'
import { cellsOf } from './atlas-records.ts'
import type { Project } from './project.ts'
import { smallIcon } from './small-icons.ts'

/** What stands for a cell of which nothing is known yet: a little lighter than the frame. */
const UNKNOWN = 52
/** Icons that may be looked at for their colours: a fifth of a second. */
const MOST = 1000

/**
 * The mean colours of cells, for the minimap and for what is drawn until an icon has come. Fine grids take theirs from
 * the coarser cells that hold them: looking at thousands of icons would keep the window waiting.
 * @returns [cells, 3]
 */
export async function coloursOf(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCellRow[],
): Promise<Uint8Array> {
  const sizes = listGrids(project.db, atlas.id).map(each => each.grid)
  const fine = sizes.filter(size => size * size <= MOST).at(-1)
  if (fine === undefined || grid <= fine)
    return cells.length <= MOST ? own(project, atlas, grid, cells) : unknown(cells)
  const parents = cellsOf(project, atlas, fine)
  const known = await own(project, atlas, fine, parents)
  const slots = new Map(parents.map(({ i, j }, slot) => [i * fine + j, slot]))
  const colours = unknown(cells)
  for (const [cell, { i, j }] of cells.entries()) {
    const slot = slots.get(Math.floor((i * fine) / grid) * fine + Math.floor((j * fine) / grid))
    if (slot !== undefined) colours.set(known.subarray(3 * slot, 3 * slot + 3), 3 * cell)
  }
  return colours
}

const unknown = (cells: readonly unknown[]): Uint8Array => new Uint8Array(3 * cells.length).fill(UNKNOWN)

/** The page asks for all grids at once: those that want the same colours wait for one answer. */
function own(project: Project, atlas: AtlasRecord, grid: number, cells: readonly ShownCellRow[]): Promise<Uint8Array> {
  return project.cached(
    `colours ${atlas.id} ${grid} ${cells.length} ${cells.reduce((sum, { state }) => sum + state, 0)}`,
    () => looked(project, atlas, grid, cells),
    () => 3 * cells.length,
  )
}

async function looked(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCellRow[],
): Promise<Uint8Array> {
  const slots = new Map(cells.map(({ i, j }, slot) => [i * grid + j, slot]))
  const colours = unknown(cells)
  await Promise.all(
    tileIcons(project.db, { atlas: atlas.id, grid, top: 0, left: 0, edge: grid }).map(async icon => {
      const slot = slots.get(icon.i * grid + icon.j)
      if (slot !== undefined) colours.set(await smallIcon(project, icon, 1), 3 * slot)
    }),
  )
  return colours
}
