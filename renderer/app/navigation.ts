import { type Place, parsePlace, placeUrl } from '../../electron/contract/links.ts'
import { HOME } from '../atlas/camera.ts'
import { showClassAtlasCell } from '../compare/reopen.ts'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { activePane, cameraOf, changePane, lookAt, select, show, useView } from '../state/view.ts'

/** Cells across the view when a link opens a cell. */
const CELLS_IN_VIEW = 7

/** Copies a link to the view of the active pane. */
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
  notify('Link to this view copied. Open it with Go to (Ctrl K).')
}

/** Opens a link: in the active pane, or in the view of its class atlas or comparison. */
export async function goTo(place: Place): Promise<void> {
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
