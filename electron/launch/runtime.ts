import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { reason, UserError } from '../contract/errors.ts'
import { NoWindow } from './no-window.ts'
import { standIn } from './stand-in.ts'

/** An Electron that can be started. */
export interface Runtime {
  /** Folder with the executable and everything it needs, as in Electron's own releases. */
  readonly folder: string
  readonly executable: string
  readonly version: string
  readonly origin: 'override' | 'official' | 'stand-in'
}

export interface Search {
  readonly print: (sentence: string) => void
  /** Whether a runtime that is not here may be fetched. */
  readonly fetch: boolean
  /** Whether the old Electron for development and tests will do. */
  readonly standIn: boolean
}

/**
 * Finds an Electron: ELECTRON_OVERRIDE_DIST_PATH, the binary of the `electron` package (fetched its own way when it is
 * missing), at last the stand-in of stand-in.ts.
 * @throws NoWindow that names what was tried; UserError where the override is wrong
 */
export const findRuntime = async (search: Search): Promise<Runtime> => {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) return overridden(resolve(override))
  const here = official()
  if (here !== undefined) return here
  const refusals: string[] = []
  if (search.fetch) {
    const refusal = await fetchOfficial(search.print)
    if (refusal === undefined) return official()!
    refusals.push(refusal)
  }
  if (search.standIn) {
    const found = await standIn(search)
    if ('folder' in found) return found
    refusals.push(found.refusal)
  }
  throw new NoWindow(
    `no Electron to open a window with: ${refusals.join('; ') || 'the electron package has not fetched its binary'} (set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked release)`,
  )
}

const executableName = (): string =>
  ({ darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' })[process.platform as string] ?? 'electron'

const overridden = (folder: string): Runtime => {
  const executable = join(folder, executableName())
  if (!existsSync(executable))
    throw new UserError(
      `ELECTRON_OVERRIDE_DIST_PATH is ${folder}, but there is no ${executableName()} in it; name the folder of an unpacked Electron release, or unset it`,
    )
  return { folder, executable, version: versionIn(folder), origin: 'override' }
}

const packageFile = (): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve('electron/package.json')
  } catch {
    return undefined
  }
}

const versionIn = (folder: string): string => {
  const file = join(folder, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : 'unknown'
}

const official = (): Runtime | undefined => {
  const file = packageFile()
  if (file === undefined) return undefined
  const folder = join(dirname(file), 'dist')
  const executable = join(folder, executableName())
  // The version file is unpacked with the rest, and path.txt written after it: without it the unpacking was cut off.
  if (!existsSync(executable) || !existsSync(join(dirname(file), 'path.txt'))) return undefined
  return { folder, executable, version: versionIn(folder), origin: 'official' }
}

/** @returns why it could not be fetched, or undefined when it lies there now */
const fetchOfficial = async (print: Search['print']): Promise<string | undefined> => {
  const file = packageFile()
  if (file === undefined) return 'the electron package is not installed (npm install without --omit=dev)'
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'))
  const unreachable = await tryReach(version)
  if (unreachable !== undefined) return `Electron ${version} cannot be fetched (${unreachable})`
  print(`fetching Electron ${version}, about 110 MB, once`)
  const fetched = spawnSync(process.execPath, [join(dirname(file), 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
    timeout: 15 * 60_000,
  })
  if (fetched.status === 0 && official() !== undefined) return undefined
  const first = fetched.stderr?.split('\n').find(line => line.trim() !== '')
  return `Electron ${version} cannot be fetched (${fetched.error?.message ?? first ?? 'its installer failed'})`
}

/** The installer has no time limit of its own and tries for minutes; an unreachable host is found in seconds. */
const tryReach = async (version: string): Promise<string | undefined> => {
  // Only the installer uses the proxy: a direct request would not show whether it can download.
  if (process.env.ELECTRON_GET_USE_PROXY || process.env.GLOBAL_AGENT_HTTPS_PROXY) return undefined
  const mirror =
    process.env.ELECTRON_MIRROR ??
    process.env.npm_config_electron_mirror ??
    'https://github.com/electron/electron/releases/download/'
  try {
    const response = await fetch(`${mirror}v${version}/SHASUMS256.txt`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(8000),
    })
    return response.ok ? undefined : `${new URL(mirror).host} returned ${response.status}`
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return `${new URL(mirror).host}: ${reason(cause)}`
  }
}
