import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { UserError } from '../contract/errors.ts'
import { openDisplay } from './display.ts'
import { electronFlags } from './flags.ts'
import { requireLibraries } from './libraries.ts'
import { findRuntime } from './runtime.ts'

/** What `npm start` runs: builds the window, finds an Electron and a display, and opens it. */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const say = (sentence: string): void => void process.stderr.write(`portolan: ${sentence}\n`)

const start = async (given: readonly string[]): Promise<number> => {
  const runtime = await findRuntime({ say, fetch: true, standIn: true })
  requireLibraries(runtime.executable)
  const display = await openDisplay()
  if (display.virtual) say(`no display here: the window opens on a virtual one, ${display.env.DISPLAY}`)
  if (existsSync(join(root, 'vite.config.ts'))) {
    // Vite is a development dependency: a started installation from npm carries out/ already.
    const { buildAll } = await import('./build.ts')
    await buildAll(root)
  }
  const child = spawn(runtime.executable, [...electronFlags(display), root, ...given], {
    stdio: ['inherit', 'inherit', 'pipe'],
    env: { ...process.env, ...display.env, PORTOLAN_NODE: process.execPath },
  })
  // Chromium misses D-Bus on every bare system, a dozen times, and needs it for nothing that we use.
  createInterface({ input: child.stderr }).on('line', line => {
    if (!/ERROR:(?:dbus\/)?(?:bus|object_proxy)\.cc/.test(line)) process.stderr.write(`${line}\n`)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      display.close()
      resolve(signal === null ? (code ?? 1) : 128)
    })
  })
}

try {
  process.exitCode = await start(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UserError)) throw error
  say(error.message)
  process.exitCode = error.exitCode
}
