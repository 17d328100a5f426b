import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { inject } from 'vitest'
import type { Bridge } from '../../electron/contract/bridge.ts'

export const root = join(import.meta.dirname, '../..')

/** A started Portolan with a profile and a folder of its own, which are gone after `close`. */
export interface Started {
  readonly app: ElectronApplication
  readonly page: Page
  /** For projects and other files of this test. */
  readonly folder: string
  /** Saves what the window shows under test-results/. */
  screenshot(name: string): Promise<void>
  close(): Promise<void>
}

export interface StartOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A profile to be used again; else a fresh one. */
  readonly profile?: string
  /** The real engine instead of test/fixtures/fake-engine.ts. */
  readonly realEngine?: boolean
  /** A packaged application instead of the checkout. */
  readonly packaged?: string
}

export const start = async (options: StartOptions = {}): Promise<Started> => {
  const { executable, flags, env } = inject('electron')
  const folder = mkdtempSync(join(tmpdir(), 'portolan-e2e-'))
  const profile = options.profile ?? join(folder, 'profile')
  const app = await _electron.launch({
    executablePath: options.packaged ?? executable,
    args: [
      ...flags,
      ...(options.packaged === undefined ? [root] : []),
      `--user-data-dir=${profile}`,
      ...(options.args ?? []),
    ],
    env: {
      ...inherited(),
      ...env,
      PORTOLAN_NODE: process.execPath,
      ...(options.realEngine ? {} : { PORTOLAN_ENGINE: join(root, 'test/fixtures/fake-engine.ts') }),
      ...options.env,
    },
  })
  const page = await app.firstWindow({ timeout: 15_000 }).catch(async error => {
    await app.close()
    throw error
  })
  return {
    app,
    page,
    folder,
    screenshot: async name => {
      mkdirSync(join(root, 'test-results'), { recursive: true })
      await page.screenshot({ path: join(root, 'test-results', `${name}.png`) })
    },
    close: async () => {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((each): each is [string, string] => each[1] !== undefined))

/** Runs a function in the page with its bridge. It sees nothing of the test but `given`. */
export const inPage = <G, R>(page: Page, body: (bridge: Bridge, given: G) => Promise<R>, given: G): Promise<R> => {
  const text = `return (${body.toString()})(window.portolan, given)`
  return page.evaluate(new Function('given', text) as (given: unknown) => Promise<R>, given as unknown)
}

/** Waits until the engine takes calls. */
export const engineReady = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>(resolve => {
        const end = window.portolan.on('engine.state', ({ state }) => {
          if (state !== 'ready') return
          resolve()
          setTimeout(() => end(), 0)
        })
      }),
  )

/** The process of the engine: the child of Electron's main process that runs an engine's script. */
export const enginePid = (app: ElectronApplication): number | undefined => {
  const parent = app.process().pid
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .find(pid => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return Number(fields[1]) === parent && /engine(\/main)?\.ts/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      } catch {
        // It ended while we looked.
        return false
      }
    })
}
