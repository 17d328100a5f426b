import type { Output } from '../../electron/contract/calls.ts'
import { client } from '../state/queries.ts'
import { activePane, addPane, useView } from '../state/view.ts'

/** Adds a pane with the next atlas that no pane shows: different layers are compared more often. */
export function addNextPane(): void {
  const atlases = client.getQueryData<Output<'atlas.list'>>(['atlas.list', {}]) ?? []
  const first = atlases[0]?.id ?? null
  const shown = new Set(useView.getState().panes.map(pane => pane.atlas ?? first))
  const from = atlases.findIndex(({ id }) => id === (activePane().atlas ?? first))
  const next = [...atlases.slice(from + 1), ...atlases.slice(0, from + 1)].find(({ id }) => !shown.has(id))
  addPane(next?.id)
}
