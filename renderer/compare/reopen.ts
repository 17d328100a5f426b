import type { ScopedAtlas } from '../../electron/contract/class-atlas.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { askedKey, changeScopes, PAIRS, PARTS, remember } from '../state/scopes.ts'
import { select, show } from '../state/view.ts'
import { formOf } from './plans.ts'

/** Show what was made before, with the controls as it was made. @param samples of the whole atlas */
export function reopen(atlas: ScopedAtlas, samples: number): void {
  const { scope, from } = atlas
  const classes = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
  changeScopes({
    ...formOf(atlas, samples),
    ...(scope.kind === 'class' ? { one: scope.class } : { pair: [scope.left, scope.right] }),
    ...(from === null ? {} : { from: [from] }),
  })
  if (from !== null) remember(askedKey(from, classes), { plan: atlas.plan, job: null })
}

/** Go to a cell of a class atlas or of a comparison, in its own view. */
export function goToPart(atlas: ScopedAtlas, cell: CellRef | null): void {
  reopen(atlas, atlas.scope.counts.before)
  const one = atlas.scope.kind === 'class'
  show(one ? 'class' : 'compare')
  // It is the only one that is shown then, so it stands in the first pane.
  if (cell) select({ pane: one ? PARTS : PAIRS, cells: [cell] })
}
