import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NODE_PACKAGES } from '../../electron/engine/cli/pinned-node.mjs'
import { tarball } from '../../electron/tools/packaging/archive.ts'
import { buildDeb } from '../../electron/tools/packaging/deb.ts'
import { applicationLicenses, LICENSES } from '../../electron/tools/packaging/licenses.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan packaging-'))
const packed = join(folder, 'linux-unpacked')
const inside = 'resources/app'
const nodePackage = String(NODE_PACKAGES[`${process.platform} ${process.arch}` as keyof typeof NODE_PACKAGES])
const put = (file: string, text: string, mode = 0o644): void => {
  mkdirSync(join(packed, dirname(file)), { recursive: true })
  writeFileSync(join(packed, file), text, { mode })
}
const manifest = (name: string, more = {}): string =>
  JSON.stringify({ name, version: '1.2.3', license: 'MIT', ...more })

beforeAll(() => {
  put('portolan', '#!/bin/sh\necho "window $*"\n', 0o755)
  put('chrome-sandbox', '', 0o755)
  put(`${inside}/package.json`, manifest('portolan'))
  put(`${inside}/LICENSE`, 'The licence of Portolan')
  put(`${inside}/node_modules/${nodePackage}/package.json`, manifest(nodePackage, { bin: { node: 'bin/node' } }))
  put(`${inside}/node_modules/${nodePackage}/bin/node`, '#!/bin/sh\necho "command $*"\n', 0o755)
  put(`${inside}/node_modules/@scope/one/package.json`, manifest('@scope/one'))
  put(`${inside}/node_modules/@scope/one/LICENSE`, 'The text of one')
  put(`${inside}/node_modules/two/package.json`, manifest('two'))
  put(`${inside}/node_modules/two/node_modules/three/package.json`, manifest('three', { license: 'ISC' }))
  put(`${inside}/node_modules/two/node_modules/three/LICENCE.txt`, 'The text of three')
  writeFileSync(join(packed, LICENSES), applicationLicenses(packed, []))
  writeFileSync(join(folder, 'icon.png'), '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the licences of a packed application', () => {
  it('are those of every package in it, nested ones too, and our own', () => {
    const text = applicationLicenses(packed, [])
    expect(text).toMatch(/^The licence of Portolan/)
    for (const line of [
      '@scope/one 1.2.3: MIT',
      'two 1.2.3: MIT',
      'three 1.2.3: ISC',
      'The text of one',
      'The text of three',
    ])
      expect(text).toContain(line)
  })

  it('are also those of packages that were built into the window', () => {
    const react = join(import.meta.dirname, '../../node_modules/react/index.js')
    expect(applicationLicenses(packed, [react])).toMatch(/ react \d+\.\d+\.\d+: MIT/)
  })
})

const hasDpkg = process.platform === 'linux' && spawnSync('dpkg-deb', ['--version']).status === 0

describe.skipIf(!hasDpkg)(`a Debian package${hasDpkg ? '' : ' (skipped: there is no dpkg-deb)'}`, () => {
  const unpacked = join(folder, 'root')
  let file = ''
  const field = (name: string): string => execFileSync('dpkg-deb', ['--field', file, name], { encoding: 'utf8' }).trim()
  beforeAll(() => {
    file = buildDeb({
      ...{ packed, version: '0.1.0', description: 'Looks inside', arch: process.arch, out: join(folder, 'out') },
      icon: join(folder, 'icon.png'),
    })
    execFileSync('dpkg-deb', ['--extract', file, unpacked])
  })

  it('names what it needs under the names of old and new releases', () => {
    expect(field('Package')).toBe('portolan')
    const needed = field('Depends').split(', ')
    expect(needed).toContain('libgtk-3-0t64 | libgtk-3-0')
    expect(needed).toContain('libnss3')
    expect(Number(field('Installed-Size'))).toBeGreaterThan(0)
  })

  it('belongs to root, with a sandbox that sets the user and the licences as its copyright', () => {
    const list = execFileSync('dpkg-deb', ['--contents', file], { encoding: 'utf8' }).split('\n')
    expect(list.filter(line => line !== '' && !line.includes(' root/root '))).toEqual([])
    expect(list.find(line => line.endsWith('/chrome-sandbox'))).toMatch(/^-rwsr-xr-x/)
    expect(execFileSync('cat', [join(unpacked, 'usr/share/doc/portolan/copyright')], { encoding: 'utf8' })).toContain(
      'The text of three',
    )
  })

  it('makes project files a type of their own, which the window opens', () => {
    const read = (path: string): string => execFileSync('cat', [join(unpacked, path)], { encoding: 'utf8' })
    expect(read('usr/share/mime/packages/portolan.xml')).toContain('pattern="*.portolan"')
    const desktop = read('usr/share/applications/portolan.desktop')
    expect(desktop).toContain('MimeType=application/x-portolan;')
    expect(desktop).toContain('Exec=/usr/bin/portolan %f')
  })

  it('has one command for the window and the command line', () => {
    // Its paths are those of an installation: here they begin at the unpacked one.
    const script = execFileSync('cat', [join(unpacked, 'usr/bin/portolan')], { encoding: 'utf8' })
    const here = join(folder, 'launcher')
    writeFileSync(here, script.replaceAll('/usr/lib/portolan/', `"${unpacked}"/usr/lib/portolan/`))
    chmodSync(here, 0o755)
    const run = (...args: string[]): string => execFileSync(here, args, { encoding: 'utf8' }).trim()
    expect(run()).toBe('window')
    expect(run('a b.portolan')).toBe('window a b.portolan')
    expect(run('--version')).toMatch(/^command .*cli\/portolan\.mjs --version$/)
    expect(run('build', 'a.portolan')).toMatch(/^command .*portolan\.mjs build a\.portolan$/)
  })

  it('is refused for a processor that Debian has no name for', () => {
    const options = { packed, version: '0.1.0', description: '', arch: 'ia32', out: folder, icon: '' }
    expect(() => buildDeb(options)).toThrow('there is no Debian package for ia32')
  })
})

describe.skipIf(process.platform !== 'linux')('an archive (Linux)', () => {
  it('unpacks into a folder with its own name', () => {
    const file = tarball(packed, join(folder, 'portolan-0.1.0-linux-x64.tar.gz'))
    const names = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).split('\n')
    expect(names).toContain('portolan-0.1.0-linux-x64/portolan')
    expect(names.filter(name => name !== '' && !name.startsWith('portolan-0.1.0-linux-x64/'))).toEqual([])
  })
})
