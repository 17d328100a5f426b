import { extname, join, resolve } from 'node:path'
import { app, dialog, Menu, session } from 'electron'
import { calls } from '../contract/calls.ts'
import { reason } from '../contract/errors.ts'
import { WINDOW_IS_OPEN } from '../contract/started.ts'
import { type AppPaths, appPaths } from './app-paths.ts'
import { AppState } from './app-state.ts'
import { EngineProcess } from './engine/engine-process.ts'
import { Grants } from './grants.ts'
import { log } from './log.ts'
import { applicationMenu } from './menu.ts'
import { declareScheme, serve } from './protocol.ts'
import { forward, route } from './router.ts'
import { lockContents, lockSession } from './security.ts'
import { PROJECT_FILTER, shellHandlers } from './shell-handlers.ts'
import { autosaveScreenshot } from './window/screenshot.ts'
import { Windows } from './window/windows.ts'

declareScheme()
// Another profile folder, for tests and for separate profiles.
const profile = app.commandLine.getSwitchValue('user-data-dir')
if (profile !== '') app.setPath('userData', resolve(profile))
// Chromium cannot enable its sandbox as root (test machines); the window's own settings remain.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()

/** A project that macOS passed before the application was ready; later ones are opened at once. */
let passed: string | null = null
app.once('open-file', (event, file) => {
  if (app.isReady()) return
  event.preventDefault()
  passed = file
})

/** The first project file among command-line arguments. */
function projectIn(args: readonly string[], folder: string): string | null {
  const named = args.find(argument => !argument.startsWith('-') && extname(argument) === '.portolan')
  return named === undefined ? null : resolve(folder, named)
}

/**
 * Starts the engine in parallel with Electron.
 * @returns opens the first window once Electron is ready
 */
function startEngine(): () => void {
  const paths = appPaths()
  const appState = new AppState(join(app.getPath('userData'), 'memory.json'))
  const grants = new Grants()
  grants.add(...appState.recent.map(each => each.file))
  let shown = false
  const windows = new Windows({
    appPaths: paths,
    appState,
    onShown: window => {
      if (shown) return
      shown = true
      process.stderr.write(`${WINDOW_IS_OPEN}\n`)
      if (paths.picture !== undefined) autosaveScreenshot(window, paths.picture)
    },
    onClosed: client => engine.leave(client),
  })
  const engine = new EngineProcess({
    node: paths.node,
    script: paths.engine,
    data: app.getPath('userData'),
    onLog: log,
    onEvent: event => forward(windows, event),
    onState: state => {
      if (state.state === 'lost') log(`engine stopped: ${state.reason}`)
      windows.broadcast('engine.state', state)
    },
    restore: async () => {
      for (const { client, file } of windows.projects()) await reopen(client, file)
    },
  })
  const reopen = async (client: number, file: string): Promise<void> => {
    try {
      calls['project.open'].output.parse(await engine.callWhileRestoring(client, 'project.open', { file }))
    } catch (error) {
      windows.send(client, 'notice', { level: 'error', text: `cannot open ${file} again: ${reason(error)}` })
    }
  }
  engine.start()
  return () => open({ paths, appState, grants, windows, engine })
}

interface Parts {
  readonly paths: AppPaths
  readonly appState: AppState
  readonly grants: Grants
  readonly windows: Windows
  readonly engine: EngineProcess
}

function open({ paths, appState, grants, windows, engine }: Parts): void {
  const show = (file: string): void => {
    grants.add(file)
    windows.show(file)
  }
  const chooseProject = async (): Promise<void> => {
    const { filePaths } = await dialog.showOpenDialog({ properties: ['openFile'], filters: [PROJECT_FILTER] })
    if (filePaths[0] !== undefined) show(filePaths[0])
  }
  const refreshMenu = (): void =>
    Menu.setApplicationMenu(
      applicationMenu({
        recent: appState.recent,
        command: command => windows.command(command),
        newProject: () => windows.command('new-project'),
        openProject: () => void chooseProject(),
        openRecent: show,
        clearRecent: () => {
          appState.forgetProjects()
          app.clearRecentDocuments()
          refreshMenu()
        },
        newWindow: () => void windows.create(null),
      }),
    )

  lockSession(session.defaultSession)
  serve(paths.page, picture => engine.picture(picture))
  route({
    engine,
    windows,
    grants,
    shell: shellHandlers(grants, appState, windows, engine),
    onProject: (client, { file }) => {
      windows.setFile(client, file)
      grants.add(file)
      appState.rememberProject(file, Date.now())
      app.addRecentDocument(file)
      refreshMenu()
    },
  })
  refreshMenu()

  const first = projectIn(process.argv.slice(1), process.cwd()) ?? passed
  if (first !== null) grants.add(first)
  windows.create(first)

  app.on('second-instance', (_event, args, folder) => {
    const file = projectIn(args.slice(1), folder)
    if (file === null) windows.raiseLast()
    else show(file)
  })
  app.on('open-file', (event, file) => {
    event.preventDefault()
    show(file)
  })
  app.on('activate', () => windows.raiseLast())
  let stopped = false
  app.on('will-quit', event => {
    if (stopped) return
    // The engine finishes its batch first; it is killed after five seconds.
    event.preventDefault()
    void engine.stop().then(() => {
      stopped = true
      // Deferred: a quit during a prevented quit event is ignored.
      setImmediate(() => app.quit())
    })
  })
}

app.on('web-contents-created', (_event, contents) => lockContents(contents))
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})
// A second start passes its arguments to the first instance.
if (app.requestSingleInstanceLock())
  app
    .whenReady()
    .then(startEngine())
    .catch((error: unknown) => {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error))
      app.exit(1)
    })
else app.quit()
