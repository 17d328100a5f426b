import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { UserError } from '../contract/errors.ts'

/** Debian's package for each library that Electron links and a bare system lacks. */
const packages: Readonly<Record<string, string>> = {
  'libgtk-3.so.0': 'libgtk-3-0',
  'libgdk-3.so.0': 'libgtk-3-0',
  'libcairo.so.2': 'libgtk-3-0',
  'libpango-1.0.so.0': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libsmime3.so': 'libnss3',
  'libnspr4.so': 'libnspr4',
  'libasound.so.2': 'libasound2',
  'libgbm.so.1': 'libgbm1',
  'libXss.so.1': 'libxss1',
  'libatk-1.0.so.0': 'libatk1.0-0',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0',
  'libatspi.so.0': 'libatspi2.0-0',
  'libcups.so.2': 'libcups2',
  'libdbus-1.so.3': 'libdbus-1-3',
  'libdrm.so.2': 'libdrm2',
  'libxshmfence.so.1': 'libxshmfence1',
  'libxkbcommon.so.0': 'libxkbcommon0',
  'libX11.so.6': 'libx11-6',
  'libXcomposite.so.1': 'libxcomposite1',
  'libXdamage.so.1': 'libxdamage1',
  'libXext.so.6': 'libxext6',
  'libXfixes.so.3': 'libxfixes3',
  'libXrandr.so.2': 'libxrandr2',
  'libxcb.so.1': 'libxcb1',
  'libexpat.so.1': 'libexpat1',
  'libglib-2.0.so.0': 'libglib2.0-0',
  'libgobject-2.0.so.0': 'libglib2.0-0',
  'libgio-2.0.so.0': 'libglib2.0-0',
}

/** All that a window on a bare Debian takes, the virtual display included. */
export const everything: readonly string[] = [...new Set(['xvfb', 'xauth', ...Object.values(packages)])].sort()

/** Packages that were renamed with the change to 64-bit times; the old names are ambiguous there. */
const renamed: ReadonlySet<string> = new Set([
  'libgtk-3-0',
  'libasound2',
  'libatk1.0-0',
  'libatk-bridge2.0-0',
  'libatspi2.0-0',
  'libcups2',
  'libglib2.0-0',
])

/**
 * Names of packages as this release has them.
 * @param osRelease the text of /etc/os-release: since Debian 13 and Ubuntu 24.04 some names end in t64
 */
export const namesFor = (wanted: readonly string[], osRelease: string): readonly string[] => {
  const value = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(osRelease)?.[1] ?? ''
  const version = Number.parseFloat(value('VERSION_ID'))
  const since = { debian: 13, ubuntu: 24.04 }[value('ID')]
  // Debian's testing and unstable have no number.
  const wide = since !== undefined && !(version < since)
  return wanted.map(name => (wide && renamed.has(name) ? `${name}t64` : name))
}

/** What a Debian package of the application depends on, under the names of old and of new releases. */
export const dependencies = (): readonly string[] =>
  [...new Set(Object.values(packages))].sort().map(name => (renamed.has(name) ? `${name}t64 | ${name}` : name))

const osRelease = (): string => {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}

/** @returns names of the shared libraries that `executable` requires and the system lacks; [] where ldd does not run */
export const missingLibraries = (executable: string): readonly string[] => {
  if (process.platform !== 'linux') return []
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' })
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map(match => match[1]!)
}

export const packagesFor = (libraries: readonly string[]): readonly string[] =>
  [...new Set(libraries.map(library => packages[library] ?? library))].sort()

/** How a user becomes root. A Debian whose root was given a password at installation comes without sudo. */
type WayToRoot = 'root' | 'sudo' | 'su'

const wayToRoot = (): WayToRoot => {
  if (process.getuid?.() === 0) return 'root'
  return spawnSync('sudo', ['--version']).status === 0 ? 'sudo' : 'su'
}

/** The one command that installs Debian packages, for a terminal. */
export const installCommand = (wanted: readonly string[], way: WayToRoot = wayToRoot()): string => {
  const sudo = way === 'sudo' ? 'sudo ' : ''
  const command = `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${namesFor(wanted, osRelease()).join(' ')}`
  // A login shell, because without one root keeps the user's PATH, which lacks what dpkg needs of /sbin.
  return way === 'su' ? `su - -c "${command}"` : command
}

export const hasApt = (): boolean => spawnSync('apt-get', ['--version']).status === 0

/** @throws UserError that names everything missing in one line */
export const requireLibraries = (executable: string): void => {
  const missing = missingLibraries(executable)
  if (missing.length === 0) return
  throw new UserError(
    `Electron needs libraries that this system lacks: ${missing.join(', ')} (${installCommand(packagesFor(missing))})`,
  )
}

/**
 * Installs Debian packages where that is allowed without a question: as root, or through sudo without a password.
 * @returns why it could not, or undefined
 */
export const installPackages = async (
  wanted: readonly string[],
  print: (sentence: string) => void,
): Promise<string | undefined> => {
  if (!hasApt()) return 'there is no apt-get here'
  const root = process.getuid?.() === 0
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0)
    return 'installing them needs root, or sudo without a password'
  const names = namesFor(wanted, osRelease())
  print(`installing ${names.length} Debian packages by apt-get, which takes a minute or two: ${names.join(' ')}`)
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...names]]) {
    const failure = await aptGet(root, args, print)
    if (failure !== undefined) return `apt-get ${args[0]} failed (${failure})`
  }
  return undefined
}

/** @returns the last line of its errors when it failed */
const aptGet = (
  root: boolean,
  args: readonly string[],
  print: (sentence: string) => void,
): Promise<string | undefined> => {
  const [command, ...rest] = [
    ...(root ? [] : ['sudo', '-n']),
    ...['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args],
  ]
  const began = Date.now()
  // So that a user who waits sees progress.
  const ticking = setInterval(
    () => print(`apt-get ${args[0]}: ${Math.round((Date.now() - began) / 1000)} s so far`),
    20_000,
  )
  return new Promise(resolve => {
    let errors = ''
    const child = spawn(command!, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr!.setEncoding('utf8').on('data', text => {
      errors += text
    })
    const end = (failure: string | undefined): void => {
      clearInterval(ticking)
      resolve(failure)
    }
    child.once('error', error => end(error.message))
    child.once('close', code => {
      const last =
        errors
          .trim()
          .split('\n')
          .findLast(line => /^E:/.test(line)) ?? errors.trim().split('\n').at(-1)
      end(code === 0 ? undefined : last || `exit ${code}`)
    })
  })
}
