import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'
import { pinnedNode } from '../../engine/cli/pinned-node.mjs'
import { dependencies } from '../../launch/libraries.ts'
import { LICENSES } from './licenses.ts'

export interface DebOptions {
  /** The application as electron-builder packs it for Linux. */
  readonly packed: string
  readonly version: string
  readonly description: string
  /** As Node names it. */
  readonly arch: string
  /** 512 × 512 PNG. */
  readonly icon: string
  readonly out: string
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const FOLDER = '/usr/lib/portolan'
const CLI = `${FOLDER}/resources/app/electron/engine/cli/portolan.mjs`

/** A project's file opens the window, and so does nothing at all; anything else is a command of the command line. */
const launcher = (node: string): string => `#!/bin/sh
case "\${1-}" in
  '' | *.portolan | --no-sandbox | --user-data-dir=*) exec ${FOLDER}/portolan "$@" ;;
  *) exec ${FOLDER}/${node} ${CLI} "$@" ;;
esac
`

const DESKTOP = `[Desktop Entry]
Type=Application
Name=Portolan
Comment=Looks inside image classifiers by activation atlases
Exec=/usr/bin/portolan %f
Icon=portolan
Terminal=false
Categories=Science;
MimeType=application/x-portolan;
StartupWMClass=Portolan
`

/** By its ending: inside, a project is an SQLite file, as which it would be opened otherwise. */
const MIME = `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-portolan">
    <comment>Portolan project</comment>
    <sub-class-of type="application/vnd.sqlite3"/>
    <glob weight="60" pattern="*.portolan"/>
  </mime-type>
</mime-info>
`

const control = ({ version, description, arch }: DebOptions, kibibytes: number): string => `Package: portolan
Version: ${version}
Architecture: ${ARCHITECTURES[arch]}
Maintainer: The Portolan authors
Installed-Size: ${kibibytes}
Depends: ${dependencies().join(', ')}
Section: science
Priority: optional
Description: ${description}
`

/**
 * Builds a Debian package of a packed application with dpkg-deb, which every Debian has; electron-builder's own target needs fpm.
 * It holds the window, the command line as \`portolan\`, an entry of the menu, and the type of project files.
 * @returns path of the package
 * @throws UserError where there is no dpkg-deb, or it fails
 */
export function buildDeb(options: DebOptions): string {
  const { packed, version, arch, icon, out } = options
  if (ARCHITECTURES[arch] === undefined)
    throw new UserError(`there is no Debian package for ${arch}, only for x64 and arm64`)
  const tree = mkdtempSync(join(tmpdir(), 'portolan-deb-'))
  const put = (file: string, text: string, mode = 0o644): void => {
    mkdirSync(join(tree, dirname(file)), { recursive: true })
    writeFileSync(join(tree, file), text, { mode })
  }
  try {
    chmodSync(tree, 0o755)
    cpSync(packed, join(tree, FOLDER), { recursive: true, verbatimSymlinks: true })
    // Set uid: where a system allows ordinary users no sandbox, Chromium takes this one.
    chmodSync(join(tree, FOLDER, 'chrome-sandbox'), 0o4755)
    put('/usr/bin/portolan', launcher(nodeIn(packed)), 0o755)
    put('/usr/share/applications/portolan.desktop', DESKTOP)
    put('/usr/share/mime/packages/portolan.xml', MIME)
    put('/usr/share/doc/portolan/copyright', readFileSync(join(packed, LICENSES), 'utf8'))
    mkdirSync(join(tree, '/usr/share/icons/hicolor/512x512/apps'), { recursive: true })
    cpSync(icon, join(tree, '/usr/share/icons/hicolor/512x512/apps/portolan.png'))
    put('/DEBIAN/control', control(options, kibibytes(tree)))
    const file = join(out, `portolan_${version}_${ARCHITECTURES[arch]}.deb`)
    mkdirSync(out, { recursive: true })
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    return file
  } catch (error) {
    throw new UserError(`cannot build the Debian package: ${reason(error)}; it needs dpkg-deb (package dpkg)`, {
      cause: error,
    })
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

/** The pinned Node of a packed application, relative to it. @throws UserError when it was left out */
function nodeIn(packed: string): string {
  const node = pinnedNode(join(packed, 'resources/app/package.json'))
  if (node === undefined) throw new UserError(`${packed} does not contain Portolan's Node`)
  return relative(packed, node.binary)
}

const kibibytes = (folder: string): number => {
  let bytes = 0
  for (const name of readdirSync(folder, { recursive: true })) bytes += lstatSync(join(folder, String(name))).size
  return Math.ceil(bytes / 1024)
}
