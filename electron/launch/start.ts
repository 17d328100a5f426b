import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { UserError } from '../contract/errors.ts'
import { WINDOW_IS_OPEN } from '../contract/started.ts'
import { ended } from './child.ts'
import { type Display, openDisplay } from './display.ts'
import { ElectronLog } from './electron-log.ts'
import { canSandbox, electronFlags } from './flags.ts'
import { drawInstead, NoWindow } from './no-window.ts'
import { provide } from './provide.ts'
import { findRuntime, type Runtime } from './runtime.ts'

/**
 * What `npm start` runs: finds an Electron, its libraries and a display, builds the window and opens it; where none can
 * be opened, draws the demo's atlas to a file.
 */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const print = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)

const start = async (given: readonly string[]): Promise<number> => {
  print('opening the window: seconds, or a few minutes at the first start, when Electron (110 MB) has to be fetched')
  try {
    const runtime = await findRuntime({ print, fetch: true, standIn: true })
    await provide(runtime.executable, print)
    const display = await openDisplay()
    try {
      return await open(runtime, display, given)
    } finally {
      display.close()
    }
  } catch (error) {
    // A project was named: it is opened instead of the demo.
    if (!(error instanceof NoWindow) || given.length > 0) throw error
    return drawInstead(root, error, print)
  }
}

/** @throws NoWindow where Electron ends before its window is open */
const open = async (runtime: Runtime, display: Display, given: readonly string[]): Promise<number> => {
  if (existsSync(join(root, 'vite.config.ts'))) {
    // Vite is a development dependency: a started installation from npm carries out/ already.
    print('building the window, about 10 seconds')
    const { buildAll } = await import('./build.ts')
    await buildAll(root)
  }
  const sandbox = canSandbox(runtime.folder)
  if (!sandbox && process.getuid?.() !== 0)
    print('this system allows ordinary users no sandbox: the window, which shows only its own page, runs without it')
  const log = new ElectronLog(join(root, 'out/electron.log'))
  const picture = display.virtual ? join(root, 'out/window.png') : undefined
  if (picture !== undefined)
    print(
      `there is no display, so the window is on a virtual one (${display.env['DISPLAY']}); every 15 seconds a picture of it is saved as ${relative(process.cwd(), picture)}`,
    )
  const child = spawn(runtime.executable, [...electronFlags(display, sandbox), root, ...given], {
    stdio: ['inherit', 'inherit', 'pipe'],
    env: {
      ...process.env,
      ...display.env,
      PORTOLAN_NODE: process.execPath,
      ...(picture !== undefined && { PORTOLAN_WINDOW_PICTURE: picture }),
    },
  })
  let opened = false
  createInterface({ input: child.stderr }).on('line', line => {
    if (line === WINDOW_IS_OPEN) {
      opened = true
      print(
        `the window is open; Ctrl+C here closes it. What Electron reports goes to ${relative(process.cwd(), log.file)}`,
      )
    } else if (log.add(line)) process.stderr.write(`${line}\n`)
  })
  const { status, signalled } = await ended(child)
  if (status === 0 || signalled) return status
  const where = `what it reported is in ${log.file}`
  if (!opened) throw new NoWindow(`Electron ended with status ${status} before its window was open; ${where}`)
  print(`Electron ended with status ${status}; ${where}`)
  return status
}

try {
  process.exitCode = await start(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UserError)) throw error
  print(error.message)
  process.exitCode = error.exitCode
}
