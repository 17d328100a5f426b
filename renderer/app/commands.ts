import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { MenuCommand } from '../../electron/contract/events.ts'
import type { ClassInfo } from '../../electron/contract/project.ts'
import { addPane, change, changePane, closePane, redo, show, toggleClass, undo, useView } from '../state/view.ts'

export interface Command {
  readonly id: string
  readonly text: string
  readonly keys?: string
  readonly group: string
  readonly run: () => void
}

export interface CommandContext {
  readonly newAtlas: () => void
  readonly openPalette: () => void
}

const zoom = (factor: number | null) => (): void => {
  const { active, cameras } = useView.getState()
  const view = cameras[active] ?? { x: 0.5, y: 0.5, zoom: 1 }
  const next = factor === null ? { x: 0.5, y: 0.5, zoom: 1 } : { ...view, zoom: view.zoom * factor }
  change({ cameras: { ...cameras, [active]: next } })
}

/** What the native menu, the palette and the keyboard can all ask for, by the menu's names. */
export const menuCommands = (context: CommandContext): Readonly<Partial<Record<MenuCommand, () => void>>> => ({
  'new-atlas': context.newAtlas,
  'find-class': () => {
    show('atlas')
    change({ classesOpen: true })
  },
  undo,
  redo,
  'zoom-in': zoom(1.5),
  'zoom-out': zoom(1 / 1.5),
  'zoom-fit': zoom(null),
  'toggle-inspector': () => change({ inspectorOpen: !useView.getState().inspectorOpen }),
  'toggle-minimap': () => change({ minimap: !useView.getState().minimap }),
  'link-cameras': () => change({ linked: !useView.getState().linked }),
  'add-pane': () => addPane(),
  'close-pane': () => closePane(useView.getState().active),
  'show-atlas': () => show('atlas'),
  'show-image': () => show('image'),
  'show-jobs': () => show('jobs'),
  'show-models': () => show('models'),
  'show-data': () => show('data'),
  shortcuts: context.openPalette,
})

const NAMES: readonly (readonly [MenuCommand, string, string?])[] = [
  ['show-atlas', 'Show the atlases', 'Ctrl 1'],
  ['show-image', 'Show one photograph', 'Ctrl 2'],
  ['show-jobs', 'Show the jobs', 'Ctrl 3'],
  ['show-models', 'Show the models', 'Ctrl 4'],
  ['show-data', 'Show the photographs', 'Ctrl 5'],
  ['new-atlas', 'Build an atlas'],
  ['find-class', 'Find a class', 'Ctrl F'],
  ['add-pane', 'Add a pane'],
  ['close-pane', 'Close the pane'],
  ['link-cameras', 'Link or part the cameras'],
  ['toggle-inspector', 'Show or hide the inspector', 'Ctrl I'],
  ['toggle-minimap', 'Show or hide the small maps'],
  ['zoom-fit', 'Show the whole atlas', '0'],
  ['undo', 'Undo', 'Ctrl Z'],
  ['redo', 'Redo', 'Ctrl Shift Z'],
]

/** All that the palette can find: commands, the atlases of the project, and every class. */
export function allCommands(
  context: CommandContext,
  atlases: readonly AtlasSummary[],
  classes: readonly ClassInfo[],
): readonly Command[] {
  const menu = menuCommands(context)
  const here = (): number => useView.getState().active
  return [
    ...NAMES.flatMap(([id, text, keys]) => {
      const run = menu[id]
      return run ? [{ id, text, group: 'Command', run, ...(keys ? { keys } : {}) }] : []
    }),
    ...atlases.map(a => ({
      id: `atlas-${a.id}`,
      text: `${a.layer} · ${a.name}`,
      group: 'Atlas',
      run: () => {
        show('atlas')
        changePane(here(), { atlas: a.id })
      },
    })),
    ...classes.map(c => ({
      id: `class-${c.index}`,
      text: c.name,
      group: 'Class',
      run: () => {
        show('atlas')
        toggleClass(here(), c.index)
      },
    })),
  ]
}
