import type { ClassAtlas } from '../../electron/contract/class-atlas.ts'
import { CellRef } from '../../electron/contract/values.ts'
import { decodeView, encodeView } from '../app/saved-view.ts'
import { HOME } from '../atlas/camera.ts'
import { reopen, showClassAtlasCell } from '../compare/reopen.ts'
import { requestKey, useClassAtlasForm } from '../state/class-atlas-form.ts'
import { changePane, lookAt, restore, select, show, useView } from '../state/view.ts'
import { type PageSection, usePage } from './page-state.ts'

/**
 * The address of a position, behind `#`: `view=…` for the panes, `cell=3/20/4,7` for a cell, `class-atlas=7` and
 * `comparison=8` for those, `about`.
 */
const cellForm = /^cell=(\d{1,9})\/(\d{1,4})\/(\d{1,4}),(\d{1,4})$/
const scopeForm = /^(?:class-atlas|comparison)=(\d{1,9})$/
/** Cells across the view when an address opens a cell. */
const CELLS_IN_VIEW = 7

export const cellAddress = ({ atlas, grid, i, j }: CellRef): string => `cell=${atlas}/${grid}/${i},${j}`

/** The class atlas or comparison that is shown in a section, the newest first. */
export function shownClassAtlas(classAtlases: readonly ClassAtlas[], section: PageSection): ClassAtlas | undefined {
  const { one, pair, from, requested } = useClassAtlasForm.getState()
  const classes = section === 'class' ? [one] : pair
  if (classes.some(index => index === null)) return undefined
  const plan = requested[requestKey(from[0] ?? 0, classes as number[])]?.plan
  return classAtlases.find(atlas => atlas.plan === plan && atlas.from === from[0])
}

/** The address of what is shown. */
export function currentAddress(classAtlases: readonly ClassAtlas[]): string {
  const { section } = usePage.getState()
  if (section === 'about') return 'about'
  if (section === 'atlas') return `view=${encodeView(useView.getState())}`
  const shown = shownClassAtlas(classAtlases, section)
  const cell = useView.getState().selection?.cells[0]
  if (shown === undefined) return section === 'class' ? 'class-atlases' : 'comparisons'
  if (cell?.atlas === shown.id) return cellAddress(cell)
  return `${section === 'class' ? 'class-atlas' : 'comparison'}=${shown.id}`
}

/** Makes the address of the page that of what is shown. */
export function writeAddress(classAtlases: readonly ClassAtlas[]): void {
  history.replaceState(null, '', `#${currentAddress(classAtlases)}`)
}

/** Shows what an address names. @returns false for an address of nothing that this page has */
export function goToAddress(
  address: string,
  atlases: ReadonlySet<number>,
  classAtlases: readonly ClassAtlas[],
): boolean {
  const open = (section: PageSection): true => {
    usePage.setState({ section })
    return true
  }
  if (address === 'about') return open('about')
  if (address === 'class-atlases') return open('class')
  if (address === 'comparisons') return open('compare')
  const scope = scopeForm.exec(address)
  if (scope !== null) {
    const found = classAtlases.find(({ id }) => id === Number(scope[1]))
    if (found === undefined) return false
    reopen(found, found.scope.counts.before)
    return open(found.scope.kind === 'class' ? 'class' : 'compare')
  }
  const cell = cellForm.exec(address)
  if (cell !== null) {
    const [atlas, grid, i, j] = cell.slice(1).map(Number)
    const parsed = CellRef.safeParse({ atlas, grid, i, j })
    return parsed.success && goToCell(parsed.data, atlases, classAtlases, open)
  }
  if (!address.startsWith('view=')) return false
  const view = decodeView(address.slice('view='.length))
  if (view?.panes === undefined) return false
  const panes = view.panes.map(pane =>
    pane.atlas !== null && atlases.has(pane.atlas) ? pane : { ...pane, atlas: null },
  )
  restore({ ...useView.getState(), ...view, panes, maximised: null })
  return open('atlas')
}

function goToCell(
  cell: CellRef,
  atlases: ReadonlySet<number>,
  classAtlases: readonly ClassAtlas[],
  open: (section: PageSection) => true,
): boolean {
  const ofClass = classAtlases.find(({ id }) => id === cell.atlas)
  if (ofClass !== undefined) {
    showClassAtlasCell(ofClass, cell)
    return open(ofClass.scope.kind === 'class' ? 'class' : 'compare')
  }
  if (!atlases.has(cell.atlas)) return false
  const { panes, active } = useView.getState()
  const pane = panes.find(({ atlas }) => atlas === cell.atlas)?.id ?? active
  changePane(pane, { atlas: cell.atlas, grid: cell.grid })
  lookAt(pane, {
    ...HOME,
    x: (cell.j + 0.5) / cell.grid,
    y: (cell.i + 0.5) / cell.grid,
    zoom: Math.max(1, cell.grid / CELLS_IN_VIEW),
  })
  select({ pane, cells: [cell] })
  show('atlas')
  return open('atlas')
}
