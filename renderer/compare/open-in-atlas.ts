import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { HOME } from '../atlas/camera.ts'
import { activePane, changePane, lookAt, select, show } from '../state/view.ts'
import type { CellOrigins } from './use-origins.ts'

/**
 * Opens the whole atlas and selects the cells that hold the samples of cells of a class atlas.
 * @param cells indices of the cells of a class atlas; empty: all of them
 */
export function openInAtlas(source: AtlasSummary, from: CellOrigins, cells: readonly number[]): void {
  const { locations, grid } = from
  const { i, j } = from.cells
  const found = cells.length > 0 ? cells.map(k => locations.cell[k]!) : [...locations.cell]
  // Samples in hidden cells have no cell to select.
  const shown = [...new Set(found)].filter(k => k < i.length)
  const pane = activePane().id
  changePane(pane, { atlas: source.id, grid })
  lookAt(pane, HOME)
  show('atlas')
  select({ pane, cells: shown.map(k => ({ atlas: source.id, grid, i: i[k]!, j: j[k]! })) })
}
