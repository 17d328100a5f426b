import { requireAtlas } from '../query/atlas-records.ts'
import { modelOf } from '../query/model-records.ts'
import { directionOfSelection, summaryOfSelection } from '../query/selection.ts'
import { variantOf } from '../workspace/variants.ts'
import type { Calls } from './handlers.ts'

export const selectionCalls: Calls<'selection'> = {
  'selection.summary': ({ atlas, grid, cells, ...listed }, { project }) =>
    summaryOfSelection(project(), requireAtlas(project(), atlas), { grid, cells }, listed),
  'selection.icon': ({ atlas: id, grid, cells, preset, seed, size }, { project }) => {
    const atlas = requireAtlas(project(), id)
    const direction = directionOfSelection(project(), atlas, { grid, cells })
    return variantOf(project(), { atlas, model: modelOf(project(), atlas), direction }, { preset, seed, size })
  },
}
