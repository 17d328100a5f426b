import { spawnSync } from 'node:child_process'
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

/** @returns names of the shared libraries that `executable` wants and the system has not; [] where ldd can't tell */
export const missingLibraries = (executable: string): readonly string[] => {
  if (process.platform !== 'linux') return []
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' })
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map(match => match[1]!)
}

export const packagesFor = (libraries: readonly string[]): readonly string[] =>
  [...new Set(libraries.map(library => packages[library] ?? library))].sort()

/** @throws UserError that names everything missing in one line */
export const requireLibraries = (executable: string): void => {
  const missing = missingLibraries(executable)
  if (missing.length === 0) return
  throw new UserError(
    `Electron needs libraries that this system lacks: ${missing.join(', ')} (apt-get install ${packagesFor(missing).join(' ')})`,
  )
}

/**
 * Installs Debian packages where that is allowed without a question: as root, or through sudo without a password.
 * @returns why it could not, or undefined
 */
export const installPackages = (wanted: readonly string[], say: (sentence: string) => void): string | undefined => {
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'there is no apt-get here'
  const root = process.getuid?.() === 0
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0) return 'that needs root, or sudo without a password'
  const apt = (...args: string[]): number | null => {
    const [command, ...rest] = [
      ...(root ? [] : ['sudo', '-n']),
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-qq',
      ...args,
    ]
    return spawnSync(command!, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status
  }
  say(`installing ${wanted.join(' ')}`)
  if (apt('update') !== 0) return 'apt-get update failed'
  // Since Debian 13 some of them carry the suffix of the change to 64-bit times.
  const present = (name: string): boolean => spawnSync('apt-cache', ['show', name]).status === 0
  const names = wanted.map(name => (present(`${name}t64`) ? `${name}t64` : name))
  return apt('install', '-y', '--no-install-recommends', ...names) === 0 ? undefined : 'apt-get install failed'
}
