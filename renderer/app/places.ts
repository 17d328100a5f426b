import { type Place, parsePlace, placeUrl } from '../../electron/contract/links.ts'
import { HOME } from '../atlas/camera.ts'
import { goToPart } from '../compare/reopen.ts'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { activePane, cameraOf, changePane, lookAt, select, show, useView } from '../state/view.ts'

/** How near one looks at a cell that a link leads to: a few cells around it are in view. */
const CELLS_IN_VIEW = 7

/** Copy a link to what the active pane shows. */
export async function copyLink(): Promise<void> {
  const summary = await call('project.summary', {})
  const { id, atlas } = activePane()
  const shown = atlas ?? (await call('atlas.list', {}))[0]?.id
  if (!summary || shown === undefined) {
    notify('There is no atlas to link to yet.', 'warning')
    return
  }
  const text = placeUrl({ kind: 'view', project: summary.key, atlas: shown, ...cameraOf(id) })
  await window.portolan.shell('clipboard.text', { text })
  notify('A link to this view was copied. Go to (Ctrl K) opens it again.')
}

/** Go where a link leads: in the active pane, or in the view of the class or the pair that the atlas is of. */
export async function goTo(place: Place): Promise<void> {
  const wanted = place.kind === 'view' ? place.atlas : place.cell.atlas
  const part = (await call('classAtlas.list', {})).find(a => a.id === wanted)
  if (part) return goToPart(part, place.kind === 'cell' ? place.cell : null)
  show('atlas')
  const { active } = useView.getState()
  if (place.kind === 'view') {
    changePane(active, { atlas: place.atlas })
    lookAt(active, place)
    return
  }
  const { atlas, grid, i, j } = place.cell
  changePane(active, { atlas, grid })
  lookAt(active, { ...HOME, x: (j + 0.5) / grid, y: (i + 0.5) / grid, zoom: Math.max(1, grid / CELLS_IN_VIEW) })
  select({ pane: active, cells: [place.cell] })
}

/** What a pasted text leads to. @returns undefined where it is no link; a sentence where it leads elsewhere */
export function placeOf(text: string, project: string): Place | string | undefined {
  const place = parsePlace(text.trim())
  if (place === undefined) return undefined
  return place.project === project ? place : 'This link leads to another project: open that one first.'
}
