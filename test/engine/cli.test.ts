import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NODE_PACKAGES } from '../../electron/engine/cli/pinned-node.mjs'
import { portolan, portolanUntil } from '../fixtures/command-line.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork } from '../fixtures/project-files.ts'

const launcher = fileURLToPath(new URL('../../electron/engine/cli/portolan.mjs', import.meta.url))
let folder: string
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-cli-'))
  await writeNetwork(path('net.onnx'))
  for (const label of [0, 1]) {
    await mkdir(path(`photos/thing ${label}`), { recursive: true })
    for (const i of [0, 1, 2])
      await photograph(50, 40, 10 * label + i)
        .jpeg()
        .toFile(path(`photos/thing ${label}/${i}.jpg`))
  }
  await mkdir(path('empty'))
  await writeFile(path('broken.jpg'), 'no photograph')
  await copyFile(path('photos/thing 0/0.jpg'), path('one.jpg'))
})
afterAll(() => rm(folder, { recursive: true }))

const Attribution = z.object({ layer: z.string(), at: z.tuple([z.int(), z.int()]), attribution: z.array(z.number()) })
const Ranked = z.object({ top: z.array(z.object({ index: z.int(), attribution: z.number() })) })

describe('the command line', () => {
  it('prints what a network predicts, and what could not be read', async () => {
    const { status, out, err } = await portolan(
      'classify',
      path('net.onnx'),
      path('one.jpg'),
      path('broken.jpg'),
      '--json',
    )
    expect(status).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      images: [{ file: path('one.jpg'), top: [{}, {}, {}, {}, {}] }],
      unreadable: [{ file: path('broken.jpg'), reason: 'it is text, not an image' }],
    })
    expect(err).toContain(
      `portolan: cannot read the image ${JSON.stringify(path('broken.jpg'))}: it is text, not an image\n`,
    )
  })

  it('evaluates photographs whose folders name their class', async () => {
    const { status, out } = await portolan('evaluate', path('net.onnx'), '--images', path('photos'), '--json')
    expect(status).toBe(0)
    const Shares = z.object({
      n: z.int(),
      top1: z.number(),
      top5: z.number(),
      perClass: z.array(z.object({ n: z.int() })),
    })
    const { n, top1, top5, perClass } = Shares.parse(JSON.parse(out))
    expect(n).toBe(6)
    expect(top1).toBeLessThanOrEqual(top5)
    expect(perClass.map(each => each.n)).toEqual([3, 3])
  })

  it('attributes a position to all classes, and ranks the same numbers', async () => {
    const at = ['attribute', path('net.onnx'), path('one.jpg'), '--layer', 'mixed3a', '--at', '2,3', '--json']
    const all = await portolan(...at, '--all')
    expect(all.status).toBe(0)
    const { layer, at: place, attribution } = Attribution.parse(JSON.parse(all.out))
    expect([layer, place, attribution.length]).toEqual(['mixed3a', [2, 3], 10])
    const { top } = Ranked.parse(JSON.parse((await portolan(...at, '--top', '4')).out))
    expect(top.map(({ attribution }) => attribution)).toEqual(attribution.toSorted((a, b) => b - a).slice(0, 4))
    for (const { index, attribution: value } of top) expect(attribution[index]).toBe(value)
  })

  it('reports what the atlas of a network requires', async () => {
    const { status, out } = await portolan('model', 'info', path('net.onnx'), '--json')
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      name: 'Net',
      classes: 10,
      logits: 'logits',
      layers: [
        { name: 'mixed3a', channels: 24, height: 8, width: 8, stride: 4 },
        { name: 'mixed3b', channels: 24, height: 8, width: 8, stride: 4 },
        { name: 'mixed4a', channels: 24, height: 4, width: 4, stride: 8 },
      ],
      undifferentiable: [],
      unconfirmed: [],
      check: { images: expect.any(Number) },
    })
  })

  it('writes a sidecar for a network that has none, once, and reports what it guessed', async () => {
    await copyFile(path('net.onnx'), path('bare.onnx'))
    const { status, out } = await portolan('model', 'init', path('bare.onnx'), '--json')
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ sidecar: path('bare.model.json'), logits: 'logits' })
    const info = await portolan('model', 'info', path('bare.onnx'), '--no-check')
    expect(info.out).toContain('Guessed and not yet confirmed: input.size, input.channels')
    expect(await portolan('model', 'init', path('bare.onnx'))).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^portolan: .*bare\.model\.json exists already; delete or rename it/),
    })
  })

  const wrong: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no such command', ['atlass'], 2, /unknown command 'atlass'/],
    ['no such option', ['classify', 'net.onnx', 'one.jpg', '--tip', '3'], 2, /unknown option '--tip'/],
    ['an argument left out', ['classify', 'net.onnx'], 2, /missing required argument 'image'/],
    ['an option left out', ['attribute', 'net.onnx', 'one.jpg', '--at', '1,1'], 2, /'--layer <layer>' not specified/],
    [
      'a value that is none',
      ['classify', 'net.onnx', 'one.jpg', '--top', 'many'],
      2,
      /^portolan: --top takes a whole number from 1, not "many" \(portolan classify --help shows its options\)\n$/,
    ],
    [
      'a place outside the layer',
      ['attribute', 'net.onnx', 'one.jpg', '--layer', 'mixed4a', '--at', '4,0'],
      2,
      /^portolan: no position 4,0 in mixed4a: the layer has 4 × 4 units, counted from 0,0\n$/,
    ],
    [
      'a layer that is not there',
      ['attribute', 'net.onnx', 'one.jpg', '--layer', 'mixed9', '--at', '0,0'],
      2,
      /^portolan: no layer "mixed9" in net\.onnx: .*\n$/,
    ],
    ['a model that is not there', ['classify', 'nothing.onnx', 'one.jpg'], 1, /^portolan: cannot read the model .*\n$/],
    ['a model that is none', ['classify', 'one.jpg', 'one.jpg'], 1, /one\.jpg: it is not an ONNX model/],
    ['a folder without photographs', ['evaluate', 'net.onnx', '--images', 'empty'], 1, /no photographs in/],
  ]
  it.each(wrong)('refuses %s in a sentence', async (_, args, status, sentence) => {
    const inFolder = args.map(arg => (/\.(onnx|jpg)$|^empty$/.test(arg) ? path(arg) : arg))
    const result = await portolan(...inFolder)
    expect(result.err).toMatch(sentence)
    expect(result.err).not.toContain('    at ')
    expect([result.status, result.out]).toEqual([status, ''])
  })

  it('ends with 130 when it is stopped, and without a result', async () => {
    const stopped = AbortSignal.abort()
    const result = await portolanUntil(stopped, 'evaluate', path('net.onnx'), '--images', path('photos'))
    expect([result.status, result.out]).toEqual([130, ''])
    expect(result.err).toContain('portolan: stopped\n')
  })

  it('explains every command', async () => {
    const { status, out } = await portolan('--help')
    expect(status).toBe(0)
    const names = [...out.matchAll(/^ {2}(\w+) \[/gm)].map(match => match[1]!)
    expect(names.length).toBeGreaterThan(2)
    for (const name of names) expect(await portolan(name, '--help')).toMatchObject({ status: 0, err: '' })
  })
})

/** Starts a program and waits for its end; `when` is called once it has written something. */
function started(file: string, args: readonly string[], when: (pid: number) => void = () => {}) {
  return new Promise<{ code: number | null; signal: string | null; out: string; err: string }>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stderr.on('data', data => {
      err += data
    })
    child.stdout.once('data', () => when(child.pid!))
    child.stdout.on('data', data => {
      out += data
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}

describe('the launcher', () => {
  it('has a package with the pinned Node for each platform, and all of them are installed where they fit', async () => {
    const { optionalDependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(Object.keys(optionalDependencies).sort()).toEqual(Object.values(NODE_PACKAGES).sort())
  })

  it('runs the engine under the Node that is pinned', async () => {
    const { code, out } = await started(process.execPath, [launcher, '--version'])
    expect([code, out]).toEqual([0, '0.1.0\n'])
  })

  it('does not complain when its reader goes away', async () => {
    const { code } = await started('bash', [
      '-c',
      `"${process.execPath}" "${launcher}" --help | true; exit $PIPESTATUS`,
    ])
    expect(code).toBe(0)
  })

  describe.skipIf(process.platform === 'win32')('under another Node', () => {
    const pretended = (name: string): string => path(`installed/node_modules/${name}`)
    beforeAll(async () => {
      // A pinned Node that is a script, of a version that nobody runs.
      await mkdir(pretended('portolan'), { recursive: true })
      const carrier = NODE_PACKAGES[`${process.platform} ${process.arch}`]!
      await mkdir(pretended(`${carrier}/bin`), { recursive: true })
      for (const name of ['portolan.mjs', 'pinned-node.mjs'])
        await copyFile(join(dirname(launcher), name), pretended(`portolan/${name}`))
      await writeFile(
        pretended(`${carrier}/package.json`),
        JSON.stringify({ version: '0.0.1', bin: { node: 'bin/node' } }),
      )
      const script = [
        // Deaf before it prints anything: the signal is sent at its first line.
        ...['#!/bin/sh', 'shift', `[ "$1" = deaf ] && trap '' TERM`, 'echo "pinned: $*"'],
        ...['[ "$1" = wait ] && exec sleep 60', '[ "$1" = deaf ] && while :; do sleep 0.1; done', 'exit 7', ''],
      ].join('\n')
      await writeFile(pretended(`${carrier}/bin/node`), script)
      await chmod(pretended(`${carrier}/bin/node`), 0o755)
    })

    it('runs itself again under the pinned one, with its arguments and its exit status', async () => {
      const { code, out } = await started(process.execPath, [pretended('portolan/portolan.mjs'), 'a b', '--json'])
      expect([code, out]).toEqual([7, 'pinned: a b --json\n'])
    })

    it('ends an engine that does not react to a signal', async () => {
      const stop = (pid: number) => void process.kill(pid, 'SIGTERM')
      const { code, err } = await started(process.execPath, [pretended('portolan/portolan.mjs'), 'deaf'], stop)
      expect([code, err]).toEqual([143, 'portolan: killed: it did not stop within 5 s of the signal\n'])
    })

    it('passes a signal on, and ends by the signal that ended its child', async () => {
      const stop = (pid: number) => void process.kill(pid, 'SIGTERM')
      const { signal } = await started(process.execPath, [pretended('portolan/portolan.mjs'), 'wait'], stop)
      expect(signal).toBe('SIGTERM')
    })
  })
})
