import type { AtlasRecord } from '../store/atlases.ts'
import { listGrids } from '../store/cells.ts'
import { type ShownCellRow, tileIcons } from '../store/views.ts'
import { cellsOf } from './atlas-records.ts'
import type { Project } from './project.ts'
import { smallIcon } from './small-icons.ts'

/** Placeholder of a cell without a colour yet: slightly lighter than the frame. */
const PLACEHOLDER = 52
/** Maximum of icons that are decoded for their colours: a fifth of a second. */
const MAX_ICONS = 1000

/**
 * The mean colours of cells, for the minimap and until an icon is loaded. Fine grids use those of the coarser cells that
 * contain theirs: decoding thousands of icons would block the window.
 * @returns [cells, 3]
 */
export async function coloursOf(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCellRow[],
): Promise<Uint8Array> {
  const sizes = listGrids(project.db, atlas.id).map(each => each.grid)
  const fine = sizes.filter(size => size * size <= MAX_ICONS).at(-1)
  if (fine === undefined || grid <= fine)
    return cells.length <= MAX_ICONS ? cachedColours(project, atlas, grid, cells) : placeholders(cells)
  const parents = cellsOf(project, atlas, fine)
  const coarse = await cachedColours(project, atlas, fine, parents)
  const slots = new Map(parents.map(({ i, j }, slot) => [i * fine + j, slot]))
  const colours = placeholders(cells)
  for (const [cell, { i, j }] of cells.entries()) {
    const slot = slots.get(Math.floor((i * fine) / grid) * fine + Math.floor((j * fine) / grid))
    if (slot !== undefined) colours.set(coarse.subarray(3 * slot, 3 * slot + 3), 3 * cell)
  }
  return colours
}

const placeholders = (cells: readonly unknown[]): Uint8Array => new Uint8Array(3 * cells.length).fill(PLACEHOLDER)

/** The page requests all grids at once: requests for the same colours share one computation. */
function cachedColours(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCellRow[],
): Promise<Uint8Array> {
  return project.cached(
    `colours ${atlas.id} ${grid} ${cells.length} ${cells.reduce((sum, { state }) => sum + state, 0)}`,
    () => computeColours(project, atlas, grid, cells),
    () => 3 * cells.length,
  )
}

async function computeColours(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCellRow[],
): Promise<Uint8Array> {
  const slots = new Map(cells.map(({ i, j }, slot) => [i * grid + j, slot]))
  const colours = placeholders(cells)
  await Promise.all(
    tileIcons(project.db, { atlas: atlas.id, grid, top: 0, left: 0, edge: grid }).map(async icon => {
      const slot = slots.get(icon.i * grid + icon.j)
      if (slot !== undefined) colours.set(await smallIcon(project, icon, 1), 3 * slot)
    }),
  )
  return colours
}
