import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import {
  CLASS_ATLAS_PANES,
  COMPARISON_PANES,
  changeClassAtlasForm,
  rememberRequest,
  requestKey,
} from '../state/class-atlas-form.ts'
import { select, show } from '../state/view.ts'
import { formOf } from './plans.ts'

/** Shows an existing class atlas or comparison with its settings in the form. @param samples of the whole atlas */
export function reopen(atlas: ClassAtlas, samples: number): void {
  const { scope, from } = atlas
  const classes = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
  changeClassAtlasForm({
    ...formOf(atlas, samples),
    ...(scope.kind === 'class' ? { one: scope.class } : { pair: [scope.left, scope.right] }),
    ...(from === null ? {} : { from: [from] }),
  })
  if (from !== null) rememberRequest(requestKey(from, classes), { plan: atlas.plan, job: null })
}

/** Shows a cell of a class atlas or comparison in its view. */
export function showClassAtlasCell(atlas: ClassAtlas, cell: CellRef | null): void {
  reopen(atlas, atlas.scope.counts.before)
  const one = atlas.scope.kind === 'class'
  show(one ? 'class' : 'compare')
  // Its atlas is the only one shown, in the first pane.
  if (cell) select({ pane: one ? CLASS_ATLAS_PANES : COMPARISON_PANES, cells: [cell] })
}
