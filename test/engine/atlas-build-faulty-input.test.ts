import { mkdtempSync, rmSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { float, type Graph } from '../../electron/engine/onnx/graph.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { listGrids } from '../../electron/engine/store/cells.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { buildsIn, buildUndisturbed, built, lastJob, PHOTOGRAPHS, portolan, SAMPLES } from '../fixtures/atlas-build.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-build-'))
const builds = buildsIn(folder)
const { path, small, undisturbed } = builds

beforeAll(() => buildUndisturbed(builds))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what cannot be built', () => {
  /** Another operator in place of one node's. */
  const withOperator =
    (op: string, name: string) =>
    (graph: Graph): Graph => ({
      ...graph,
      nodes: graph.nodes.map(node => (node.name === name ? { ...node, op } : node)),
    })

  beforeAll(async () => {
    await writeNetwork(path('bare.onnx'), { sidecar: false })
    await writeNetwork(path('odd.onnx'), { change: withOperator('Asinh', 'mixed3b/1x1') })
    for (const name of ['cut', 'text']) await copyFile(path('net.model.json'), path(`${name}.model.json`))
    const bytes = await readFile(path('net.onnx'))
    await writeFile(path('cut.onnx'), bytes.subarray(0, bytes.length / 2))
    await writeFile(path('text.onnx'), 'Dear diary, no network today.\n')
    await mkdir(path('empty'))
  })

  it.each([
    ['a model that is cut off', 'cut.onnx', 'photos', /cut\.onnx: the file is truncated/],
    ['a model that is none', 'text.onnx', 'photos', /text\.onnx: it is not an ONNX model/],
    ['a model without sidecar', 'bare.onnx', 'photos', /no bare\.model\.json beside it.*portolan model init/],
    [
      'a model with an unknown operator',
      'odd.onnx',
      'photos',
      /operator Asinh \(node "mixed3b\/1x1"\) before its logits/,
    ],
    ['a model that is missing', 'none.onnx', 'photos', /none\.onnx/],
    ['a folder without photographs', 'net.onnx', 'empty', /no photographs in .*empty; choose a folder/],
    ['a folder that is missing', 'net.onnx', 'nowhere', /nowhere/],
  ])('%s is refused in one sentence, and leaves no files', async (_, model, images, sentence) => {
    const before = await readdir(folder)
    const { status, out, err } = await portolan(small(path('refused.portolan'), model, images))
    expect([status, out]).toEqual([1, ''])
    expect(err).toMatch(/^portolan: [^\n]+\n$/)
    expect(err).toMatch(sentence)
    expect(await readdir(folder)).toEqual(before)
  })

  it('an unknown operator that the logits do not depend on does no harm', async () => {
    const change = (graph: Graph): Graph => ({
      ...graph,
      nodes: graph.nodes.concat({
        ...{ op: 'ThresholdedRelu', domain: '', name: 'aside', inputs: ['logits'], outputs: ['aside'] },
        attributes: { alpha: float(1) },
      }),
      outputs: graph.outputs.concat({ name: 'aside', type: 'float32', shape: ['N', 10] }),
    })
    await writeNetwork(path('aside.onnx'), { change })
    expect(await built(small(path('aside.portolan'), 'aside.onnx'))).toMatchObject({ samples: SAMPLES })
  })

  it('a project of a newer Portolan is left as it is, byte by byte', async () => {
    const bytes = await readFile(undisturbed())
    // Where SQLite keeps user_version.
    bytes.writeUInt32BE(99, 60)
    await writeFile(path('newer.portolan'), bytes)
    const before = await readdir(folder)
    const { status, err } = await portolan(small(path('newer.portolan')))
    expect(status).toBe(1)
    expect(err).toMatch(/^portolan: \S+newer\.portolan was written by a newer Portolan \(file version 99[^\n]+\n$/)
    expect((await readFile(path('newer.portolan'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(before)
  })

  it('counts photographs of a sub-folder that is missing now, and builds without them', async () => {
    await writePhotographs(path('parted'), PHOTOGRAPHS)
    await writePhotographs(path('parted', 'inner'), 4)
    const args = small(path('parted.portolan'), 'net.onnx', 'parted')
    expect(await built(args)).toMatchObject({ missing: 0 })
    await rm(path('parted', 'inner'), { recursive: true })
    expect(await built(args)).toMatchObject({ photographs: PHOTOGRAPHS, missing: 4, unreadable: [] })
    const { out } = await portolan(args.filter(arg => arg !== '--json'))
    expect(out).toMatch(/4 photographs of the project are no longer in the folder, such as .*inner.*: restore them/)
    // One is another file now.
    await writeFile(path('parted', '010.jpg'), await readFile(path('parted', '011.jpg')))
    await built(args)
    const checked = await portolan(['project', 'check', path('parted.portolan')])
    expect([checked.status, checked.out]).toEqual([
      0,
      expect.stringContaining('1 photograph was replaced by other files'),
    ])
  })

  it('is listed file by file, and the rest is built', async () => {
    await writePhotographs(path('mixed'), PHOTOGRAPHS)
    const whole = await readFile(path('photos', '003.jpg'))
    const damaged = Buffer.from(whole)
    damaged.set([0xff, 0xd5], Math.floor(whole.length * 0.7))
    const broken = {
      'cut.jpg': whole.subarray(0, whole.length / 2),
      'damaged.jpg': damaged,
      'empty.jpg': Buffer.alloc(0),
    }
    for (const [name, bytes] of Object.entries(broken)) {
      await writeFile(path('mixed', name), bytes)
      await mkdir(path('broken'), { recursive: true })
      await writeFile(path('broken', name), bytes)
    }
    const reasons: readonly (readonly [string, RegExp])[] = [
      ['cut.jpg', /cut off/],
      ['damaged.jpg', /damaged/],
      ['empty.jpg', /empty/],
    ]
    // The second run knows of damaged pictures what the first one has found out.
    for (const { photographs, samples, unreadable, failed } of [
      await built(small(path('mixed.portolan'), 'net.onnx', 'mixed'), 1),
      await built(small(path('mixed.portolan'), 'net.onnx', 'mixed'), 1),
    ]) {
      expect([photographs, samples, failed]).toEqual([PHOTOGRAPHS, SAMPLES, []])
      expect(unreadable.toSorted((a, b) => (a.file < b.file ? -1 : 1))).toEqual(
        reasons.map(([name, reason]) => ({ file: path('mixed', name), reason: expect.stringMatching(reason) })),
      )
    }
    using db = openProject(path('mixed.portolan'), { mode: 'read' })
    const [atlas] = listAtlases(db)
    expect(atlas!.finished).not.toBeNull()
    expect(listGrids(db, atlas!.id)).toMatchObject([{ grid: 4, samples: SAMPLES }])

    for (const sentence of [
      /^portolan: there are no samples to build an atlas of/,
      /^portolan: there are no samples/,
    ]) {
      const { status, err } = await portolan([
        ...small(path('broken.portolan'), 'net.onnx', 'broken'),
        '--samples',
        '3',
      ])
      expect([status, err.trimEnd().split('\n').at(-1)]).toEqual([1, expect.stringMatching(sentence)])
    }
    expect(lastJob(path('broken.portolan'))).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('samples'),
    })
  })
})
