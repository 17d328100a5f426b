import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import type { Readable } from 'node:stream'
import { NoWindow } from './no-window.ts'

/** Where windows appear. */
export interface Display {
  /** To be added to the environment of Electron. */
  readonly env: Readonly<Record<string, string>>
  /** Flags for Electron: a virtual display has no graphics processor. */
  readonly flags: readonly string[]
  readonly virtual: boolean
  close(): void
}

const real: Display = { env: {}, flags: [], virtual: false, close: () => {} }

/** Whether the user has a display of their own: X11 or Wayland on Linux, always elsewhere. */
export const hasDisplay = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

export const hasXvfb = (): boolean => spawnSync('Xvfb', ['-help']).error === undefined

/**
 * The user's own display, or a virtual one (Xvfb) where there is none.
 * @throws NoWindow where there is neither
 */
export const openDisplay = async (options: { readonly alwaysVirtual?: boolean } = {}): Promise<Display> => {
  if (process.platform !== 'linux') return real
  if (!options.alwaysVirtual && hasDisplay()) return real
  if (!hasXvfb()) throw new NoWindow('there is no display for a window, and no Xvfb to stand in for one')
  // Xvfb looks for a free number itself and writes it to descriptor 3 once it listens.
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const number = await displayNumber(child)
  return {
    env: { DISPLAY: `:${number}`, WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: 'x11' },
    flags: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-dev-shm-usage'],
    virtual: true,
    close: () => child.kill(),
  }
}

const displayNumber = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let output = ''
    const channel = child.stdio[3] as Readable
    child.stderr!.setEncoding('utf8').on('data', text => {
      output += text
    })
    const failed = (why: string): void => {
      child.kill()
      reject(new NoWindow(`cannot start the virtual display Xvfb: ${why}`))
    }
    const late = setTimeout(() => failed('it did not respond within 20 seconds'), 20_000)
    child.once('error', error => failed(error.message))
    child.once('exit', code => failed(output.trim().split('\n').at(-1) || `exit ${code}`))
    channel.once('data', (bytes: Buffer) => {
      clearTimeout(late)
      // Nobody listens to its complaints from here on: a full pipe would stop it.
      child.stderr!.resume()
      resolve(bytes.toString().trim())
    })
  })
