import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ElectronLog, isHarmless } from '../../electron/launch/electron-log.ts'
import { everything, installCommand, namesFor, packagesFor } from '../../electron/launch/libraries.ts'
import { drawInstead, NoWindow } from '../../electron/launch/no-window.ts'

const release = (id: string, version?: string): string =>
  `PRETTY_NAME="Some system"\n${version === undefined ? '' : `VERSION_ID="${version}"\n`}ID=${id}\nVERSION="x"\n`

describe('the Debian packages that a window needs', () => {
  it('carry the suffix of 64-bit times where the release has them', () => {
    const names = ['libasound2', 'libnss3', 'xvfb']
    const wide = ['libasound2t64', 'libnss3', 'xvfb']
    for (const [id, version] of [
      ['debian', '13'],
      ['debian', undefined],
      ['ubuntu', '24.04'],
      ['ubuntu', '26.04'],
    ] as const)
      expect([id, version, ...namesFor(names, release(id, version))]).toEqual([id, version, ...wide])
    for (const [id, version] of [
      ['debian', '12'],
      ['ubuntu', '22.04'],
      ['fedora', '44'],
    ] as const)
      expect([id, version, ...namesFor(names, release(id, version))]).toEqual([id, version, ...names])
    expect(namesFor(names, '')).toEqual(names)
  })

  it('are named once each, and a library without a known package by itself', () => {
    expect(packagesFor(['libgtk-3.so.0', 'libgdk-3.so.0', 'libnew.so.7'])).toEqual(['libgtk-3-0', 'libnew.so.7'])
  })

  it('are installed by one command, which works for root, with sudo and where there is no sudo', () => {
    expect(installCommand(['xvfb', 'xauth'], 'root')).toBe(
      'apt-get update && apt-get install -y --no-install-recommends xvfb xauth',
    )
    expect(installCommand(['xvfb', 'xauth'], 'sudo')).toBe(
      'sudo apt-get update && sudo apt-get install -y --no-install-recommends xvfb xauth',
    )
    expect(installCommand(['xvfb', 'xauth'], 'su')).toBe(
      'su - -c "apt-get update && apt-get install -y --no-install-recommends xvfb xauth"',
    )
    expect(installCommand(everything)).not.toContain('\n')
  })
})

describe('where no window can be opened', () => {
  /** What is reported when the atlas is drawn by a command line that ends with `status`. */
  const sentences = async (why: NoWindow, status: number) => {
    const root = mkdtempSync(join(tmpdir(), 'portolan-launch-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'electron/engine/cli'), { recursive: true })
    writeFileSync(
      join(root, 'electron/engine/cli/portolan.mjs'),
      `process.exitCode = process.argv[2] === 'demo' ? ${status} : 99`,
    )
    const reported: string[] = []
    expect(await drawInstead(root, why, sentence => void reported.push(sentence))).toBe(status)
    return reported
  }
  const withCommand = new NoWindow('no libraries; this command installs them: apt-get', { namesCommand: true })

  it('reports it, draws the atlas, and reports at the end what opens the window', async () => {
    expect(await sentences(withCommand, 0)).toEqual([
      withCommand.message,
      expect.stringContaining('drawn to a picture instead'),
      'once the command above has been run, npm start opens the window',
    ])
  })

  it('points to no command where none was named, nor past a failure', async () => {
    for (const [why, status] of [
      [new NoWindow('no Electron'), 0],
      [withCommand, 3],
    ] as const)
      expect((await sentences(why, status)).filter(sentence => sentence.includes('npm start'))).toEqual([])
  })
})

describe('what Electron writes to standard error', () => {
  const harmless = [
    '[3584:1128/222944.323352:ERROR:bus.cc(399)] Failed to connect to the bus: Could not parse server address',
    '[71:1128/222944.323352:ERROR:dbus/object_proxy.cc:573] Failed to call method: org.freedesktop.DBus.StartServiceByName',
    '[12:34:1128/222944.323352:ERROR:components/viz/service/main/viz_main_impl.cc(189)] Exiting GPU process due to errors',
    '[9:0101/000001.000001:WARNING:sandbox_linux.cc(393)] InitializeSandbox() called with multiple threads in process gpu-process.',
  ]
  const relevant = [
    '[9:0101/000001.000001:FATAL:gpu_process_host.cc(1)] GPU process is not usable. Goodbye.',
    '[9:0101/000001.000001:ERROR:ozone_platform_x11.cc(239)] Missing X server or $DISPLAY',
    'Error: Cannot find module out/main/main.cjs',
    'engine lost: it ended with status 1',
    'this line mentions bus.cc(399)',
  ]

  it('is harmless only where Chromium itself logs it from a known source', () => {
    expect(harmless.filter(line => !isHarmless(line))).toEqual([])
    expect(relevant.filter(isHarmless)).toEqual([])
  })

  it('is kept whole in a file, overwritten by each start', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-launch-'))
    try {
      const file = join(folder, 'new/electron.log')
      new ElectronLog(file).add('of an earlier start')
      const log = new ElectronLog(file)
      expect([harmless[0]!, relevant[0]!].map(line => log.add(line))).toEqual([false, true])
      expect(readFileSync(file, 'utf8')).toBe(`${harmless[0]}\n${relevant[0]}\n`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
