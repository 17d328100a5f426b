import { extname, join, resolve } from 'node:path'
import { app, dialog, Menu, session } from 'electron'
import { calls } from '../contract/calls.ts'
import { reason } from '../contract/errors.ts'
import { WINDOW_IS_OPEN } from '../contract/started.ts'
import { EngineProcess } from './engine/engine-process.ts'
import { Grants } from './grants.ts'
import { log } from './log.ts'
import { Memory } from './memory.ts'
import { applicationMenu } from './menu.ts'
import { type Places, places } from './places.ts'
import { declareScheme, serve } from './protocol.ts'
import { forward, route } from './router.ts'
import { lockContents, lockSession } from './security.ts'
import { projectFilter, shellHandlers } from './shell-handlers.ts'
import { keepPicture } from './window/picture.ts'
import { Windows } from './window/windows.ts'

declareScheme()
// A profile elsewhere: tests have a fresh one each, and so may whoever wants two.
const profile = app.commandLine.getSwitchValue('user-data-dir')
if (profile !== '') app.setPath('userData', resolve(profile))
// Root has no sandbox to enable (Chromium refuses): a machine for tests. The window's own settings stay.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()

/** The first project file among command-line arguments. */
const projectIn = (args: readonly string[], folder: string): string | null => {
  const named = args.find(argument => !argument.startsWith('-') && extname(argument) === '.portolan')
  return named === undefined ? null : resolve(folder, named)
}

/**
 * Starts the engine, which takes as long as Electron itself, beside it.
 * @returns what opens the first window, once Electron is ready
 */
const begin = (): (() => void) => {
  const where = places()
  const memory = new Memory(join(app.getPath('userData'), 'memory.json'))
  const grants = new Grants()
  grants.add(...memory.recent.map(each => each.file))
  let shown = false
  const windows = new Windows({
    places: where,
    memory,
    onShown: window => {
      if (shown) return
      shown = true
      process.stderr.write(`${WINDOW_IS_OPEN}\n`)
      if (where.picture !== undefined) keepPicture(window, where.picture)
    },
    onGone: client => engine.leave(client),
  })
  const engine = new EngineProcess({
    node: where.node,
    script: where.engine,
    data: app.getPath('userData'),
    onLog: log,
    onEvent: event => forward(windows, event),
    onState: state => {
      if (state.state === 'lost') log(`engine lost: ${state.reason}`)
      windows.tellAll('engine.state', state)
    },
    restore: async () => {
      for (const { client, file } of windows.projects()) await reopen(client, file)
    },
  })
  const reopen = async (client: number, file: string): Promise<void> => {
    try {
      calls['project.open'].output.parse(await engine.callWhileRestoring(client, 'project.open', { file }))
    } catch (error) {
      windows.tell(client, 'notice', { level: 'error', text: `cannot open ${file} again: ${reason(error)}` })
    }
  }
  engine.start()
  return () => open({ where, memory, grants, windows, engine })
}

interface Parts {
  readonly where: Places
  readonly memory: Memory
  readonly grants: Grants
  readonly windows: Windows
  readonly engine: EngineProcess
}

const open = ({ where, memory, grants, windows, engine }: Parts): void => {
  const show = (file: string): void => {
    grants.add(file)
    windows.show(file)
  }
  const ask = async (): Promise<void> => {
    const { filePaths } = await dialog.showOpenDialog({ properties: ['openFile'], filters: [projectFilter] })
    if (filePaths[0] !== undefined) show(filePaths[0])
  }
  const refreshMenu = (): void =>
    Menu.setApplicationMenu(
      applicationMenu({
        recent: memory.recent,
        command: command => windows.command(command),
        newProject: () => windows.command('new-project'),
        openProject: () => void ask(),
        openRecent: show,
        clearRecent: () => {
          memory.forgetProjects()
          app.clearRecentDocuments()
          refreshMenu()
        },
        newWindow: () => void windows.create(null),
      }),
    )

  lockSession(session.defaultSession)
  serve(where.page, picture => engine.picture(picture))
  route({
    engine,
    windows,
    grants,
    shell: shellHandlers(grants, memory, windows, engine),
    onProject: (client, { file }) => {
      windows.setFile(client, file)
      grants.add(file)
      memory.rememberProject(file, Date.now())
      app.addRecentDocument(file)
      refreshMenu()
    },
  })
  refreshMenu()

  const first = projectIn(process.argv.slice(1), process.cwd())
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
    // The engine finishes its batch first, or is killed after five seconds.
    event.preventDefault()
    void engine.stop().then(() => {
      stopped = true
      // Not within this event: while one attempt to quit is being refused, another is not heard.
      setImmediate(() => app.quit())
    })
  })
}

app.on('web-contents-created', (_event, contents) => lockContents(contents))
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})
// A second start hands its arguments to the first, whose windows share one engine.
if (app.requestSingleInstanceLock())
  app
    .whenReady()
    .then(begin())
    .catch((error: unknown) => {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error))
      app.exit(1)
    })
else app.quit()
