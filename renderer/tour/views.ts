import type { Tour } from '../../electron/contract/tour.ts'
import { change as changeLab, edit, enter, placePatch } from '../patch/lab.ts'
import { showImage } from '../state/image.ts'
import type { Project } from '../state/project.ts'
import { call } from '../state/queries.ts'
import { activePane, change, changeFilter, changePane, select, show } from '../state/view.ts'

/** Shows the view that a step of the tour describes. */
export async function showStep(step: number, tour: Tour, project: Project): Promise<void> {
  const atlas = project.atlases.find(({ layer }) => layer === tour.layer)
  switch (step) {
    case 0:
    case 1: {
      show('atlas')
      const { id } = activePane()
      changeFilter(id, { classes: [], mode: 'heat', sign: 'for' })
      if (atlas === undefined) return
      changePane(id, { atlas: atlas.id })
      if (step === 0) return select(null)
      change({ inspectorOpen: true, photographsOpen: false })
      return selectLargest(id, atlas.id, atlas.grids.at(-1)?.grid)
    }
    case 2:
      return showImage(await call('photograph.get', { image: tour.image }))
    default: {
      enter(project.key)
      const { look, patch, x, y, size } = tour
      edit({ image: tour.image, patches: [] })
      placePatch(patch, { ...look, x, y, size })
      changeLab({
        mode: step === 3 ? 'editor' : 'experiment',
        model: tour.model,
        source: tour.source,
        target: tour.target,
      })
      show('patch')
    }
  }
}

/** Selects the cell with the most samples. */
async function selectLargest(pane: number, atlas: number, grid: number | undefined): Promise<void> {
  if (grid === undefined) return
  const { i, j, count } = await call('atlas.cells', { atlas, grid })
  let largest = 0
  for (let cell = 1; cell < count.length; cell++) if (count[cell]! > count[largest]!) largest = cell
  if (i.length > 0) select({ pane, cells: [{ atlas, grid, i: i[largest]!, j: j[largest]! }] })
}
