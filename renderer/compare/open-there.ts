import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { HOME } from '../atlas/camera.ts'
import { activePane, changePane, lookAt, select, show } from '../state/view.ts'
import type { Whereabouts } from './use-origins.ts'

/**
 * Go to the whole atlas, with the cells selected that hold the samples of a part's cells.
 * @param cells indices of the part's cells; none: all of them
 */
export function openThere(source: AtlasSummary, where: Whereabouts, cells: readonly number[]): void {
  const { origins, grid } = where
  const { i, j } = where.cells
  const found = cells.length > 0 ? cells.map(k => origins.cell[k]!) : [...origins.cell]
  // What lies in hidden cells only has no cell to select there.
  const there = [...new Set(found)].filter(k => k < i.length)
  const pane = activePane().id
  changePane(pane, { atlas: source.id, grid })
  lookAt(pane, HOME)
  show('atlas')
  select({ pane, cells: there.map(k => ({ atlas: source.id, grid, i: i[k]!, j: j[k]! })) })
}
