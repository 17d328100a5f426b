import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../contract/events.ts'
import { views } from '../contract/views.ts'

interface MenuActions {
  readonly command: (command: MenuCommand) => void
  readonly newProject: () => void
  readonly openProject: () => void
  readonly openRecent: (file: string) => void
  readonly clearRecent: () => void
  readonly newWindow: () => void
  readonly recent: readonly { readonly file: string; readonly name: string; readonly exists: boolean }[]
}

const IS_MAC = process.platform === 'darwin'
const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' }

/**
 * The menu with the platform's shortcuts. Those that the page handles itself (undo in a text field differs from undo of
 * a selection) are shown but not registered.
 */
export function applicationMenu(actions: MenuActions): Menu {
  const page = (label: string, command: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => actions.command(command),
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: IS_MAC }),
  })
  const recent: MenuItemConstructorOptions[] = actions.recent.map(({ file, name, exists }) => ({
    label: name,
    sublabel: file,
    toolTip: file,
    enabled: exists,
    click: () => actions.openRecent(file),
  }))
  return Menu.buildFromTemplate([
    ...(IS_MAC ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'New Project…', accelerator: 'CmdOrCtrl+N', click: actions.newProject },
        { label: 'Open Project…', accelerator: 'CmdOrCtrl+O', click: actions.openProject },
        {
          label: 'Open Recent',
          submenu: [
            ...(recent.length === 0 ? [{ label: 'No recent projects', enabled: false }] : recent),
            SEPARATOR,
            { label: 'Clear', enabled: recent.length > 0, click: actions.clearRecent },
          ],
        },
        { label: 'New Window', accelerator: 'CmdOrCtrl+Shift+N', click: actions.newWindow },
        SEPARATOR,
        page('New Atlas…', 'new-atlas', 'CmdOrCtrl+B'),
        page('Export View…', 'export-view', 'CmdOrCtrl+E'),
        page('Publish as a Web Page…', 'publish'),
        page('Copy Link to View', 'copy-link', 'CmdOrCtrl+Shift+C'),
        page('Bookmark View…', 'bookmark', 'CmdOrCtrl+D'),
        SEPARATOR,
        page('Settings…', 'settings', 'CmdOrCtrl+,'),
        SEPARATOR,
        IS_MAC ? { role: 'close' } : { role: 'quit', accelerator: 'CmdOrCtrl+Q' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        page('Undo', 'undo', 'CmdOrCtrl+Z'),
        page('Redo', 'redo', IS_MAC ? 'Cmd+Shift+Z' : 'Ctrl+Y'),
        SEPARATOR,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        page('Select All', 'select-all', 'CmdOrCtrl+A'),
        SEPARATOR,
        page('Find Class…', 'find-class', 'CmdOrCtrl+F'),
      ],
    },
    {
      label: '&View',
      submenu: [
        ...views.map(({ id, title, key }) => page(title, `show-${id}`, `CmdOrCtrl+${key}`)),
        SEPARATOR,
        page('Zoom In', 'zoom-in', 'Plus'),
        page('Zoom Out', 'zoom-out', '-'),
        page('Fit Atlas', 'zoom-fit', '0'),
        SEPARATOR,
        page('Photographs Instead of Icons', 'toggle-crops', 'CmdOrCtrl+P'),
        page('Inspector', 'toggle-inspector', 'CmdOrCtrl+I'),
        page('Minimap', 'toggle-minimap', 'CmdOrCtrl+M'),
        page('Link Panes', 'link-panes', 'CmdOrCtrl+L'),
        page('Add Pane', 'add-pane', 'CmdOrCtrl+T'),
        page('Close Pane', 'close-pane', 'CmdOrCtrl+W'),
        SEPARATOR,
        // Of the window as a whole; the plain keys zoom the map.
        { role: 'zoomIn', label: 'Larger Text', accelerator: 'CmdOrCtrl+Plus' },
        { role: 'zoomOut', label: 'Smaller Text', accelerator: 'CmdOrCtrl+-' },
        { role: 'resetZoom', label: 'Normal Text', accelerator: 'CmdOrCtrl+0' },
        SEPARATOR,
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [SEPARATOR, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    ...(IS_MAC ? [{ role: 'windowMenu' } as const] : []),
    {
      label: '&Help',
      role: 'help',
      submenu: [
        page('Tour of the Demo', 'tour'),
        page('Keyboard Shortcuts', 'shortcuts', 'F1'),
        ...(IS_MAC ? [] : [{ role: 'about' } as const]),
      ],
    },
  ])
}
