import { type Place, parsePlace, placeUrl } from '../../electron/contract/links.ts'
import { HOME } from '../atlas/camera.ts'
import { showClassAtlasCell } from '../compare/reopen.ts'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { changePane, lookAt, restore, select, show, useView } from '../state/view.ts'
import { decodeView, encodeView } from './saved-view.ts'

/** Cells across the view when a link opens a cell. */
const CELLS_IN_VIEW = 7

/** Copies a link to all panes with their filters, the selection and the cameras. */
export async function copyLink(): Promise<void> {
  const summary = await call('project.summary', {})
  if (!summary || (await call('atlas.list', {})).length === 0) {
    notify('There is no atlas to link to yet.', 'warning')
    return
  }
  const text = placeUrl({ kind: 'panes', project: summary.key, panes: encodeView(useView.getState()) })
  await window.portolan.shell('clipboard.text', { text })
  notify('Link to this view copied. Open it with Go to (Ctrl K).')
}

/** Shows the panes of a link; a pane whose atlas is gone shows the first one. */
async function goToPanes(text: string): Promise<void> {
  const view = decodeView(text)
  if (view?.panes === undefined) {
    notify(
      'This link was made by another version of Portolan: copy it again there, or open the atlas by hand.',
      'warning',
    )
    return
  }
  const known = new Set((await call('atlas.list', {})).map(({ id }) => id))
  const panes = view.panes.map(p => (p.atlas !== null && known.has(p.atlas) ? p : { ...p, atlas: null }))
  restore({ ...useView.getState(), ...view, panes, section: 'atlas', maximised: null })
}

/** Opens a link: in the active pane, or in the view of its class atlas or comparison. */
export async function goTo(place: Place): Promise<void> {
  if (place.kind === 'panes') return goToPanes(place.panes)
  const target = place.kind === 'view' ? place.atlas : place.cell.atlas
  const classAtlas = (await call('classAtlas.list', {})).find(a => a.id === target)
  if (classAtlas) return showClassAtlasCell(classAtlas, place.kind === 'cell' ? place.cell : null)
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

/** Parses a link. @returns undefined if the text is not a link; a message if it belongs to another project */
export function placeOf(text: string, project: string): Place | string | undefined {
  const place = parsePlace(text.trim())
  if (place === undefined) return undefined
  return place.project === project ? place : 'This link belongs to another project: open that project first.'
}
