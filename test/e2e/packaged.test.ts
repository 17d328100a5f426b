import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pinnedNode } from '../../electron/engine/cli/pinned-node.mjs'
import { inPage, root, type Started, start } from './electron.ts'

describe.runIf(process.platform === 'linux')('the packaged application', () => {
  let folder: string
  let portolan: Started
  beforeAll(async () => {
    const output = execFileSync(process.execPath, ['electron/tools/package.ts', '--for-tests'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    folder = output.trim().split('\n').at(-1)!
    portolan = await start({ packaged: join(folder, 'portolan'), env: { PORTOLAN_ENGINE: '/nowhere/engine.ts' } })
  }, 300_000)
  afterAll(() => portolan.close())

  it('opens its window, as a package', async () => {
    expect(portolan.page.url()).toBe('portolan://app/index.html')
    expect(await portolan.app.evaluate(({ app }) => [app.isPackaged, app.getName()])).toEqual([true, 'Portolan'])
    const info = await inPage(portolan.page, bridge => bridge.shell('app.info', {}), null)
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/)
    await portolan.screenshot('packaged')
  })

  it('carries the pinned Node, and native modules that it loads', () => {
    const inside = join(folder, 'resources/app')
    const node = pinnedNode(join(inside, 'package.json'))!.binary
    const text = `
      const Database = require('better-sqlite3')
      const loaded = [require('sharp').format.webp.id, typeof require('onnxruntime-node').InferenceSession.create,
        new Database(':memory:').prepare('SELECT 1 AS one').get().one]
      process.stdout.write(JSON.stringify([process.version, ...loaded]))`
    const output = execFileSync(node, ['-e', text], { cwd: inside, encoding: 'utf8', env: {} })
    expect(JSON.parse(output)).toEqual([process.version, 'webp', 'function', 1])
  })

  it('carries the engine, which runs without a build', () => {
    const inside = join(folder, 'resources/app')
    const node = pinnedNode(join(inside, 'package.json'))!.binary
    const output = execFileSync(node, ['electron/engine/cli/portolan.mjs', '--version'], {
      cwd: inside,
      encoding: 'utf8',
    })
    expect(output.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('carries the demo: network, photographs with their authors, and samples of them', () => {
    const inside = join(folder, 'resources/app/resources')
    const photographs = readdirSync(join(inside, 'photographs'))
    expect(photographs.filter(name => name.endsWith('.jpg'))).toHaveLength(1_000)
    expect(photographs).toContain('ATTRIBUTION.csv')
    for (const [name, most] of [
      ['models/inceptionv1-portolan.onnx', 15e6],
      ['samples/inceptionv1-portolan.samples', 25e6],
    ] as const)
      expect(statSync(join(inside, name)).size).toBeLessThan(most)
  })

  it('carries native parts of this system only', () => {
    const modules = join(folder, 'resources/app/node_modules')
    const binaries = readdirSync(modules, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(node|dll|dylib|so)(\.|$)/.test(name) && statSync(join(modules, name)).isFile())
      .map(name => name.split(sep).join('/'))
    const others = /darwin|win32|windows|musl/
    const otherProcessor = process.arch === 'x64' ? /arm64/ : /x64/
    expect(binaries.length).toBeGreaterThan(4)
    expect(binaries.filter(name => others.test(name) || otherProcessor.test(name))).toEqual([])
  })

  it('carries the licence of everything in it', () => {
    const text = readFileSync(join(folder, 'LICENSES.portolan.txt'), 'utf8')
    for (const name of ['react', 'three', 'onnxruntime-node', 'better-sqlite3', 'sharp', 'zod'])
      expect(text).toMatch(new RegExp(`^ {2}${name} \\d`, 'm'))
    expect(text).toMatch(/^ {2}node-\S+ 24\./m)
    expect(existsSync(join(folder, 'LICENSE.electron.txt'))).toBe(true)
  })

  it('leaves out tests, sources of the page and the stand-in of Electron', () => {
    const inside = join(folder, 'resources/app')
    const unwanted = [
      'test',
      'renderer',
      'electron/main',
      'electron/launch',
      'electron/tools',
      'default-app.js',
      'node_modules/three',
    ]
    expect(unwanted.filter(name => existsSync(join(inside, name)))).toEqual([])
  })
})
