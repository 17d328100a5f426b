import { flushSync } from 'react-dom'
import type { MenuCommand } from '../../electron/contract/events.ts'
import { views } from '../../electron/contract/views.ts'
import { addNextPane } from '../atlas/add-pane.ts'
import { HOME } from '../atlas/camera.ts'
import { shownCells } from '../atlas/use-linked-cells.ts'
import { scenes } from '../atlas/use-scene.ts'
import { PATCH_COMMANDS } from '../patch/commands.ts'
import * as lab from '../patch/lab.ts'
import { swapSides } from '../state/class-atlas-form.ts'
import { openDialog } from '../state/dialogs.ts'
import { attempt, notify } from '../state/notices.ts'
import { patchFromCell } from '../state/patches.ts'
import { toggleSamples } from '../state/samples.ts'
import { changeSettings, useTheme } from '../state/settings.ts'
import {
  activePane,
  type ClassFilter,
  cameraOf,
  change,
  changeFilter,
  changePane,
  closePane,
  lookAt,
  redo,
  select,
  show,
  toggleLink,
  undo,
  useView,
} from '../state/view.ts'
import { startTour } from '../tour/state.ts'
import { copyLink } from './navigation.ts'
import { newProject, openDemo, openProject } from './projects.ts'

export interface Command {
  /** A command of the native menu has the menu's id. */
  readonly id: string
  readonly text: string
  readonly group: 'Views' | 'Project' | 'Map' | 'Edit' | 'Window'
  /** As in keys.ts. Bare keys are those of the focused map: gestures.ts listens for them. */
  readonly keys?: string
  /** Other words that the palette finds it by, in lower case. */
  readonly also?: string
  /** Not listed in the palette. */
  readonly hidden?: true
  readonly run: () => void
}

const zoom = (factor: number) => (): void => {
  const { active } = useView.getState()
  const view = cameraOf(active)
  lookAt(active, { ...view, zoom: scenes.get(active)?.camera.zoomBy(factor) ?? view.zoom * factor })
}
const display = (part: Partial<ClassFilter>) => (): void => changeFilter(activePane().id, part)
const toggle = (name: 'inspectorOpen' | 'classesOpen' | 'tableOpen' | 'minimap' | 'labels' | 'lasso') => (): void =>
  change({ [name]: !useView.getState()[name] })

function selectAll(): void {
  const { active } = useView.getState()
  const cells = shownCells(active)
  if (cells.length > 0) select({ pane: active, cells })
}

function iconToPatch(): void {
  const cell = useView.getState().selection?.cells[0]
  if (cell) void attempt(() => patchFromCell(cell))
  else notify('Select a cell first: its icon becomes the patch.', 'warning')
}

/** Undo and redo act on the current view: the patch lab has a history of its own. */
const undoInView = (): void => (useView.getState().section === 'patch' ? lab.undo() : undo())
const redoInView = (): void => (useView.getState().section === 'patch' ? lab.redo() : redo())

/** The commands of the native menu. A menu command without an entry here does not compile. */
const MENU_COMMANDS: Readonly<Record<MenuCommand, Omit<Command, 'id'>>> = {
  ...(Object.fromEntries(
    views.map(({ id, title, key }) => [
      `show-${id}`,
      { text: `Show ${title.toLowerCase()}`, group: 'Views', keys: `Mod+${key}`, run: () => show(id) },
    ]),
  ) as unknown as Readonly<Record<`show-${(typeof views)[number]['id']}`, Omit<Command, 'id'>>>),
  'new-project': { text: 'New project', group: 'Project', run: () => void attempt(newProject) },
  'new-atlas': { text: 'Build an atlas', group: 'Project', keys: 'Mod+B', run: () => openDialog('new-atlas') },
  'export-view': { text: 'Export the view', group: 'Project', keys: 'Mod+E', run: () => openDialog('export') },
  publish: {
    text: 'Publish as a web page',
    group: 'Project',
    also: 'html site share',
    run: () => openDialog('publish'),
  },
  'copy-link': {
    text: 'Copy link to view',
    group: 'Project',
    keys: 'Mod+Shift+C',
    run: () => void attempt(copyLink),
  },
  bookmark: { text: 'Bookmark the view', group: 'Project', keys: 'Mod+D', run: () => openDialog('bookmark') },
  settings: { text: 'Settings', group: 'Window', keys: 'Mod+,', run: () => openDialog('settings') },
  'find-class': {
    text: 'Find class',
    group: 'Map',
    keys: 'Mod+F',
    run: () => {
      // Rendered at once: keys that follow are typed into the field.
      flushSync(() => {
        show('atlas')
        change({ classesOpen: true })
      })
      document.querySelector<HTMLElement>('[aria-label="Search classes"]')?.focus()
    },
  },
  undo: { text: 'Undo', group: 'Edit', keys: 'Mod+Z', run: undoInView },
  redo: { text: 'Redo', group: 'Edit', keys: 'Mod+Shift+Z', run: redoInView },
  'select-all': { text: 'Select all cells', group: 'Edit', keys: 'Mod+A', run: selectAll },
  'zoom-in': { text: 'Zoom in', group: 'Map', keys: '+', run: zoom(1.5) },
  'zoom-out': { text: 'Zoom out', group: 'Map', keys: '-', run: zoom(1 / 1.5) },
  'zoom-fit': {
    text: 'Fit the atlas',
    group: 'Map',
    keys: '0',
    run: () => lookAt(useView.getState().active, HOME),
  },
  'toggle-crops': {
    text: 'Toggle icons and nearest photographs',
    group: 'Map',
    keys: 'Mod+P',
    run: () => {
      const { id, pictures } = activePane()
      changePane(id, { pictures: pictures === 'icons' ? 'crops' : 'icons' })
    },
  },
  'toggle-inspector': {
    text: 'Show or hide the inspector',
    group: 'Window',
    keys: 'Mod+I',
    run: toggle('inspectorOpen'),
  },
  'toggle-minimap': { text: 'Show or hide the minimap', group: 'Map', keys: 'Mod+M', run: toggle('minimap') },
  'link-panes': { text: 'Link or unlink panes', group: 'Map', keys: 'Mod+L', run: toggleLink },
  'add-pane': { text: 'Add a pane', group: 'Map', keys: 'Mod+T', run: () => addNextPane() },
  'close-pane': {
    text: 'Close the pane',
    group: 'Map',
    keys: 'Mod+W',
    run: () => closePane(useView.getState().active),
  },
  tour: { text: 'Start the tour of the demo', group: 'Window', run: startTour },
  shortcuts: {
    text: 'Keyboard shortcuts',
    also: 'keys help',
    group: 'Window',
    keys: 'F1',
    run: () => openDialog('shortcuts'),
  },
}

/** All commands: those of the menu, and those of the palette, buttons and keys only. */
export const COMMANDS: readonly Command[] = [
  ...Object.entries(MENU_COMMANDS).map(([id, rest]) => ({ id, ...rest })),
  { id: 'palette', text: 'Go to', group: 'Window', keys: 'Mod+K', hidden: true, run: () => openDialog('palette') },
  { id: 'redo-alternative', text: 'Redo', group: 'Edit', keys: 'Mod+Y', hidden: true, run: redoInView },
  {
    id: 'toggle-table',
    text: 'Show or hide the table of cells',
    group: 'Map',
    also: 'histogram sort csv',
    run: toggle('tableOpen'),
  },
  {
    id: 'toggle-samples',
    text: 'Show or hide single samples',
    group: 'Map',
    also: 'points scatter search find photograph',
    run: () => {
      show('atlas')
      toggleSamples()
    },
  },
  { id: 'toggle-labels', text: 'Show or hide the labels', group: 'Map', run: toggle('labels') },
  { id: 'lasso', text: 'Lasso selection', group: 'Map', run: toggle('lasso') },
  { id: 'note', text: 'Add a note to the selected cells', group: 'Project', run: () => openDialog('note') },
  {
    id: 'help',
    text: 'Help: what the window shows',
    group: 'Window',
    also: 'terms glossary ?',
    run: () => openDialog('help'),
  },
  {
    id: 'switch-theme',
    text: 'Switch between dark and light theme',
    group: 'Window',
    also: 'bright white paper mode',
    run: () => changeSettings({ theme: useTheme.getState().theme === 'dark' ? 'light' : 'dark' }),
  },
  { id: 'show-heat', text: 'Show attribution as heat', group: 'Map', run: display({ mode: 'heat' }) },
  { id: 'show-opacity', text: 'Show attribution as opacity', group: 'Map', run: display({ mode: 'opacity' }) },
  {
    id: 'show-signed',
    text: 'Show attribution with both signs',
    group: 'Map',
    also: 'signed negative',
    run: display({ sign: 'both' }),
  },
  {
    id: 'show-stability',
    text: 'Shade the map by stability, or end it',
    group: 'Map',
    also: 'seed reproducible robust',
    run: () => changeFilter(activePane().id, { stability: !activePane().filter.stability }),
  },
  ...PATCH_COMMANDS,
  { id: 'select-none', text: 'Clear selection', group: 'Edit', run: () => select(null) },
  { id: 'swap-sides', text: 'Swap the classes of the comparison', group: 'Map', run: swapSides },
  { id: 'patch-from-cell', text: 'Use the icon of the selected cell as a patch', group: 'Project', run: iconToPatch },
  {
    id: 'remove-atlas',
    text: 'Remove the atlas of this pane',
    group: 'Project',
    run: () => openDialog('remove-atlas'),
  },
  { id: 'open-project', text: 'Open a project', group: 'Project', run: () => void attempt(openProject) },
  { id: 'open-demo', text: 'Open the demo', group: 'Project', run: () => void attempt(openDemo) },
  {
    id: 'new-window',
    text: 'New window',
    group: 'Window',
    run: () => void window.portolan.shell('window.new', {}).catch(error => notify(String(error), 'error')),
  },
]

export function runCommand(id: string): void {
  COMMANDS.find(c => c.id === id)?.run()
}
