import type { Tour } from '../../electron/contract/tour.ts'
import { change as changeLab, edit, enter, lay } from '../patch/lab.ts'
import { showImage } from '../state/image.ts'
import type { Project } from '../state/project.ts'
import { call } from '../state/queries.ts'
import { activePane, change, changeFilter, changePane, select, show } from '../state/view.ts'

/** Brings up what a step of the tour speaks of. */
export async function showStep(step: number, tour: Tour, project: Project): Promise<void> {
  const atlas = project.atlases.find(({ layer }) => layer === tour.layer)
  switch (step) {
    case 0:
    case 1: {
      show('atlas')
      const { id } = activePane()
      const classes = step === 1 ? [tour.target] : []
      changeFilter(id, { classes, mode: 'heat', sign: 'for' })
      if (atlas === undefined) return
      changePane(id, { atlas: atlas.id })
      if (step === 0) return select(null)
      change({ inspectorOpen: true, stripOpen: false })
      return selectStrongest(id, atlas.id, atlas.grids.at(-1)?.grid, tour.target)
    }
    case 2:
      return showImage(await call('image.get', { image: tour.image }))
    default: {
      enter(project.key)
      const { look, patch, x, y, size } = tour
      edit({ image: tour.image, layers: [] })
      lay(patch, { ...look, x, y, size })
      changeLab({
        bench: step === 3 ? 'editor' : 'experiment',
        model: tour.model,
        source: tour.source,
        target: tour.target,
      })
      show('patch')
    }
  }
}

/** Selects the cell that adds most to the logit of a class. */
async function selectStrongest(pane: number, atlas: number, grid: number | undefined, target: number): Promise<void> {
  if (grid === undefined) return
  const [cells, { values }] = await Promise.all([
    call('atlas.cells', { atlas, grid }),
    call('atlas.attribution', { atlas, grid, classes: [target] }),
  ])
  let most = 0
  for (let cell = 1; cell < values.length; cell++) if (values[cell]! > values[most]!) most = cell
  if (cells.i.length > 0) select({ pane, cells: [{ atlas, grid, i: cells.i[most]!, j: cells.j[most]! }] })
}
