import { BrowserWindow, screen } from 'electron'
import { channels } from '../../contract/channels.ts'
import type { EventName, EventOf, MenuCommand } from '../../contract/events.ts'
import type { AppPaths } from '../app-paths.ts'
import type { AppState } from '../app-state.ts'
import { PAGE_URL } from '../protocol.ts'
import { fitting } from './bounds.ts'

interface Open {
  readonly window: BrowserWindow
  /** The project of the window; null until one is opened. */
  file: string | null
}

interface WindowsOptions {
  readonly appPaths: AppPaths
  readonly appState: AppState
  readonly onShown: (window: BrowserWindow) => void
  readonly onClosed: (client: number) => void
}

/** All windows, each with at most one project; the engine knows them as clients by the id of their contents. */
export class Windows {
  readonly #options: WindowsOptions
  readonly #open = new Map<number, Open>()

  constructor(options: WindowsOptions) {
    this.#options = options
  }

  clients(): readonly number[] {
    return [...this.#open.keys()]
  }

  projects(): readonly { readonly client: number; readonly file: string }[] {
    return [...this.#open].flatMap(([client, { file }]) => (file === null ? [] : [{ client, file }]))
  }

  fileOf(client: number): string | null {
    return this.#open.get(client)?.file ?? null
  }

  setFile(client: number, file: string): void {
    const open = this.#open.get(client)
    if (open !== undefined) open.file = file
  }

  setTitle(client: number, title: string): void {
    this.#open.get(client)?.window.setTitle(title === '' ? 'Portolan' : `${title} — Portolan`)
  }

  send<N extends EventName>(client: number, name: N, given: EventOf<N>): void {
    const window = this.#open.get(client)?.window
    if (window !== undefined && !window.isDestroyed()) window.webContents.send(channels.event, name, given)
  }

  broadcast<N extends EventName>(name: N, given: EventOf<N>): void {
    for (const client of this.clients()) this.send(client, name, given)
  }

  command(command: MenuCommand): void {
    const window = BrowserWindow.getFocusedWindow()
    if (window !== null) this.send(window.webContents.id, 'menu.command', { command })
  }

  /** Shows a project: in the window that has it, in the focused window if that has none, else in a new window. */
  show(file: string): void {
    const same = [...this.#open.values()].find(open => open.file === file)
    if (same !== undefined) {
      raise(same.window)
      return
    }
    const focused = BrowserWindow.getFocusedWindow() ?? [...this.#open.values()].at(-1)?.window
    const open = focused === undefined ? undefined : this.#open.get(focused.webContents.id)
    if (open === undefined || open.file !== null) {
      this.create(file)
      return
    }
    raise(open.window)
    this.send(open.window.webContents.id, 'project.chosen', { file })
  }

  raiseLast(): void {
    const last = [...this.#open.values()].at(-1)
    if (last === undefined) this.create(null)
    else raise(last.window)
  }

  create(file: string | null): BrowserWindow {
    const { appPaths, appState, onShown, onClosed } = this.#options
    const saved = appState.window
    const areas = screen.getAllDisplays().map(display => display.workArea)
    const bounds = fitting(saved?.bounds, areas, this.#open.size)
    const window = new BrowserWindow({
      ...bounds,
      minWidth: 800,
      minHeight: 560,
      show: false,
      title: 'Portolan',
      backgroundColor: '#16181b',
      icon: appPaths.icon,
      webPreferences: {
        preload: appPaths.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        // Events of a growing atlas must not accumulate in a hidden window.
        backgroundThrottling: true,
      },
    })
    const client = window.webContents.id
    this.#open.set(client, { window, file })
    if (saved?.maximized) window.maximize()
    window.once('ready-to-show', () => {
      window.show()
      onShown(window)
    })
    window.on('page-title-updated', event => event.preventDefault())
    window.on('close', () => appState.rememberWindow(window.getNormalBounds(), window.isMaximized()))
    window.once('closed', () => {
      this.#open.delete(client)
      onClosed(client)
    })
    void window.loadURL(PAGE_URL)
    return window
  }
}

function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
