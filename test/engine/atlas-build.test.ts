import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { float, type Graph } from '../../electron/engine/onnx/graph.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { listCells, listGrids } from '../../electron/engine/store/cells.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { findIcon } from '../../electron/engine/store/icons.ts'
import { listJobRecords } from '../../electron/engine/store/jobs.ts'
import { alignmentOf, layoutPositions, listLayouts } from '../../electron/engine/store/layouts.ts'
import { listMatrices, pages } from '../../electron/engine/store/matrices.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { findImage, listFolders, listImages } from '../../electron/engine/store/photographs.ts'
import { listSampleSets, readSamples } from '../../electron/engine/store/samples.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { random } from '../fixtures/random.ts'

const PHOTOGRAPHS = 40
const SAMPLES = 3 * PHOTOGRAPHS
const GRIDS = [2, 4]
const MIN_SAMPLES = 2

let folder: string
const path = (...names: string[]): string => join(folder, ...names)
const undisturbed = (): string => path('undisturbed.portolan')

const given = (project: string, model = 'net.onnx', images = 'photos'): readonly string[] => [
  ...['atlas', 'build', project, '--model', path(model), '--images', path(images)],
  ...[
    '--min-samples',
    String(MIN_SAMPLES),
    '--preset',
    'draft',
    '--steps',
    '3',
    '--samples',
    String(SAMPLES),
    '--json',
  ],
]
const order = (project: string): readonly string[] => [
  ...given(project),
  ...['--layers', 'mixed3b,mixed4a', '--grid', GRIDS.join()],
]
/** One layer and one grid, for what does not need more. */
const small = (...args: Parameters<typeof given>): readonly string[] => [
  ...given(...args),
  ...['--layers', 'mixed4a', '--grid', '4'],
]

const portolan = (args: readonly string[]) => startPortolan(...args).ended

const Built = z.object({
  photographs: z.int(),
  samples: z.int(),
  unreadable: z.array(z.object({ file: z.string(), reason: z.string() })),
  missing: z.int(),
  failed: z.array(z.unknown()),
  stages: z.array(z.object({ name: z.string(), outcome: z.string() })),
})
type Built = z.output<typeof Built>

async function built(args: readonly string[], status = 0): Promise<Built> {
  const ended = await portolan(args)
  expect(ended.status, ended.err).toBe(status)
  return Built.parse(JSON.parse(ended.out))
}

const outcomes = ({ stages }: Built) => Object.fromEntries(stages.map(({ name, outcome }) => [name, outcome]))
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const digestOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  digest(new Uint8Array(buffer, byteOffset, byteLength))

/** All that a build has made, under names that do not depend on the project: no ids, no times. */
function contents(file: string) {
  using db = openProject(file, { mode: 'read' })
  const sets = listSampleSets(db).map(set => ({
    key: set.key,
    samples: readSamples(db, set.id, 0, set.n).map(({ image, v, u }) => [findImage(db, image)?.relative, v, u]),
    matrices: listMatrices(db, set.id).map(matrix => {
      const rows = [...pages(db, matrix)].map(({ data }) => digest(data))
      return [matrix.layer, matrix.kind, matrix.n, matrix.clipped, rows]
    }),
    layouts: listLayouts(db, set.id).map(({ id, key, layer, n }) => [key, layer, n, digestOf(layoutPositions(db, id))]),
  }))
  const cells = listAtlases(db).map(({ id, key, layer }) => ({
    key,
    layer,
    grids: listGrids(db, id).map(({ grid }) =>
      listCells(db, id, grid).map(cell => ({ ...cell, direction: cell.direction && digestOf(cell.direction) })),
    ),
  }))
  const keys = cells.flatMap(({ grids }) => grids.flat().flatMap(({ icon }) => icon ?? []))
  const icons = Object.fromEntries(
    keys.toSorted().map(key => {
      const { webp, fidelity, status, attempts } = findIcon(db, key)!
      return [key, { webp: webp && digest(webp), fidelity, status, attempts }]
    }),
  )
  return { sets, cells, icons }
}

const lastJob = (file: string) => {
  using db = openProject(file, { mode: 'read' })
  return listJobRecords(db).at(-1)!
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-build-'))
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), PHOTOGRAPHS)
  await built(order(undisturbed()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('an atlas', () => {
  it('holds every sample in every grid, and shows an icon for every cell with enough of them', () => {
    using db = openProject(undisturbed(), { mode: 'read' })
    const atlases = listAtlases(db)
    expect(atlases.map(({ layer }) => layer)).toEqual(['mixed3b', 'mixed4a'])
    for (const { id, finished } of atlases) {
      expect(finished).not.toBeNull()
      expect(listGrids(db, id).map(({ grid }) => grid)).toEqual(GRIDS)
      for (const grid of GRIDS) {
        const cells = listCells(db, id, grid)
        expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(SAMPLES)
        for (const { count, icon, direction } of cells) {
          expect([icon !== null, direction !== null]).toEqual([count >= MIN_SAMPLES, count >= MIN_SAMPLES])
          if (icon !== null) expect(findIcon(db, icon)?.webp?.subarray(8, 12)).toEqual(Buffer.from('WEBP'))
        }
      }
    }
    const [photos, ...others] = listFolders(db)
    expect([photos?.path, others]).toEqual([path('photos'), []])
    const images = listImages(db, photos!.id)
    expect(images.map(({ relative, status }) => [relative, status])).toEqual(
      Array.from({ length: PHOTOGRAPHS }, (_, i) => [`${String(i).padStart(3, '0')}.jpg`, 'ok']),
    )
    expect(checkProject(undisturbed()).faults).toEqual([])
  })

  it('names every stage as it begins, also those before the first photograph and the first icon', async () => {
    const { status, err } = await portolan(small(path('stages.portolan')))
    expect(status, err).toBe(0)
    const at = (stage: string): number => err.indexOf(`${stage}: 0 of `)
    const order = [
      'compiling the network',
      'samples',
      'mixed4a: second moment',
      'mixed4a: compiling the inversion',
      'mixed4a: icons',
    ]
    expect(order.map(at).filter(place => place < 0)).toEqual([])
    expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b))
  })

  it('is identical in another folder, bit by bit, and differs with another seed', async () => {
    await mkdir(path('elsewhere'))
    const elsewhere = path('elsewhere', 'again.portolan')
    await built(order(elsewhere))
    const expected = contents(undisturbed())
    expect(contents(elsewhere)).toEqual(expected)

    await built([...small(path('seed.portolan')), '--seed', '1'])
    const other = contents(path('seed.portolan'))
    expect(other.cells[0]!.grids[0]).not.toEqual(expected.cells[1]!.grids[1])
    expect(Object.keys(other.icons).filter(key => key in expected.icons)).toEqual([])
    const webps = new Set(Object.values(expected.icons).map(({ webp }) => webp))
    expect(Object.values(other.icons).filter(({ webp }) => webps.has(webp))).toEqual([])
  })

  it('is reused when it is built again; a later grid or layout computes only what is new', async () => {
    const project = path('grown.portolan')
    await copyFile(undisturbed(), project)
    const { photographs, ...others } = outcomes(await built(order(project)))
    expect(photographs).toBe('computed')
    expect(new Set(Object.values(others))).toEqual(new Set(['reused']))
    expect(contents(project)).toEqual(contents(undisturbed()))

    expect(outcomes(await built([...small(project), '--grid', '4,3']))).toEqual({
      photographs: 'computed',
      samples: 'reused',
      'mixed4a: second moment': 'reused',
      'mixed4a: layout': 'reused',
      'mixed4a: 4 × 4 cells': 'reused',
      'mixed4a: 3 × 3 cells': 'computed',
      'mixed4a: 4 × 4 labels': 'reused',
      'mixed4a: 3 × 3 labels': 'computed',
      'mixed4a: icons': 'continued',
    })
    // So few samples fill no finer grid.
    const auto = outcomes(await built([...given(project), '--layers', 'mixed4a', '--grid', 'auto']))
    expect(Object.keys(auto).filter(name => name.endsWith('cells'))).toEqual(['mixed4a: 10 × 10 cells'])
    const tsne = outcomes(await built([...small(project), '--method', 'tsne']))
    expect([tsne.samples, tsne['mixed4a: layout'], tsne['mixed4a: icons']]).toEqual(['reused', 'computed', 'computed'])
    using db = openProject(project, { mode: 'read' })
    const grids = listAtlases(db).map(({ id, layer }) => [layer, listGrids(db, id).map(({ grid }) => grid)])
    expect(grids).toEqual([
      ['mixed3b', [2, 4]],
      ['mixed4a', [2, 3, 4, 10]],
      ['mixed4a', [4]],
    ])
    const [, first, second] = listAtlases(db).map(({ name }) => name)
    expect(first).toBe('mixed4a, draft')
    expect(second).toMatch(/^mixed4a, draft, tsne/)
    for (const { id } of listAtlases(db)) for (const { samples } of listGrids(db, id)) expect(samples).toBe(SAMPLES)
    expect(checkProject(project).faults).toEqual([])
  })
})

describe('an interrupted build', () => {
  it('loses nothing when it is killed at 20 random moments', { timeout: 480_000 }, async () => {
    const KILLS = 20
    const oneLayer = (file: string) => [...small(file), '--grid', GRIDS.join()]
    const begun = performance.now()
    await built(oneLayer(path('whole.portolan')))
    const duration = performance.now() - begun
    const expected = contents(path('whole.portolan'))
    const next = random(20)
    // One moment in every twentieth of the build, in any order.
    const moments = Array.from({ length: KILLS }, (_, i) => ({ after: ((i + next()) / KILLS) * duration, by: next() }))
    let projects = 0
    const fresh = (): string => path(`killed-${projects++}.portolan`)
    let project = fresh()
    for (const { after } of moments.toSorted((a, b) => a.by - b.by))
      for (let killed = false; !killed; ) {
        const child = startPortolan(...oneLayer(project))
        await Promise.race([wait(after), child.ended])
        child.kill('SIGKILL')
        const { status, err } = await child.ended
        if (existsSync(project)) expect(checkProject(project).faults).toEqual([])
        killed = status === null
        if (killed) continue
        // It had less left to do than the time it was given: it must be complete, and the next project is killed.
        expect(status, err).toBe(0)
        expect(contents(project)).toEqual(expected)
        project = fresh()
      }
    await built(oneLayer(project))
    expect(contents(project)).toEqual(expected)
    expect(checkProject(project).faults).toEqual([])
  })

  it('is cancelled by SIGINT, and resumes to the same result', async () => {
    const project = path('stopped.portolan')
    const child = startPortolan(...order(project))
    await child.waitFor(/mixed3b: umap/)
    child.kill('SIGINT')
    const { status, err } = await child.ended
    expect([status, err.trimEnd().split('\n').at(-1)]).toEqual([130, 'portolan: stopped'])
    expect(lastJob(project)).toMatchObject({ state: 'cancelled', error: null })
    expect(checkProject(project).faults).toEqual([])
    expect(outcomes(await built(order(project))).samples).toBe('reused')
    expect(contents(project)).toEqual(contents(undisturbed()))
  })

  it('keeps its project locked against a second one, until it is cancelled from another process', async () => {
    const project = path('held.portolan')
    const long = [...small(project), '--steps', '16384']
    const child = startPortolan(...long)
    await child.waitFor(/mixed4a: icons/)
    const second = await portolan(small(project))
    expect([second.status, second.out]).toEqual([1, ''])
    expect(second.err).toContain(`is being written by "portolan atlas build" (process ${child.pid} on `)
    expect((await portolan(['jobs', 'cancel', project])).status).toBe(0)
    const { status, err } = await child.ended
    expect(status).toBe(1)
    expect(err.trimEnd().split('\n').at(-1)).toMatch(/^portolan: atlas build was cancelled: /)
    expect(lastJob(project).state).toBe('cancelled')
    expect(checkProject(project).faults).toEqual([])
  })
})

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

it('--dry-run estimates time, disk and memory without building', async () => {
  const before = await readdir(folder, { recursive: true })
  const { status, out, err } = await portolan([...order(path('never.portolan')), '--dry-run'])
  expect(status, err).toBe(0)
  const positive = z.number().positive()
  const Estimated = z.object({
    samples: z.literal(SAMPLES),
    icons: positive,
    seconds: z.object({ samples: positive, layouts: positive, icons: positive }),
    diskBytes: positive,
    memoryBytes: positive,
  })
  expect(Estimated.safeParse(JSON.parse(out)).error).toBeUndefined()
  expect(await readdir(folder, { recursive: true })).toEqual(before)
})

describe('layers that are aligned', () => {
  it('have layouts of their own in addition to those of each layer, which the next run reuses', async () => {
    const file = path('aligned.portolan')
    await copyFile(undisturbed(), file)
    const Aligned = Built.extend({
      atlases: z.array(z.object({ layer: z.string(), displacement: z.number().nullable() })),
    })
    const run = async () => {
      const ended = await portolan([...order(file), '--align'])
      expect(ended.status, ended.err).toBe(0)
      return Aligned.parse(JSON.parse(ended.out))
    }
    const first = await run()
    expect(outcomes(first)).toMatchObject({ 'aligned layouts': 'computed', 'mixed3b: layout': 'reused' })
    const [early, late] = first.atlases
    expect(early!.displacement).toBeGreaterThan(0)
    expect(early!.displacement).toBeLessThan(1)
    expect(late!.displacement).toBeNull()
    const again = await run()
    expect(outcomes(again)).toMatchObject({ 'aligned layouts': 'reused' })
    expect(again.atlases).toEqual(first.atlases)
    using db = openProject(file, { mode: 'read' })
    const layouts = listLayouts(db, listSampleSets(db)[0]!.id)
    expect(layouts.map(({ layer, name }) => [layer, name.endsWith('aligned')])).toEqual([
      ['mixed3b', false],
      ['mixed4a', false],
      ['mixed3b', true],
      ['mixed4a', true],
    ])
    // The window moves cells between layers of one key only.
    const [alone, , ...together] = layouts.map(alignmentOf)
    expect(alone).toBeNull()
    expect(together).toEqual([together[0], together[0]])
    expect(together[0]).not.toBeNull()
  })

  it.each([
    [['--layers', 'mixed4a'], 'at least two layers'],
    [['--layers', 'mixed3b,mixed4a', '--method', 'tsne'], 'needs UMAP'],
  ])('are refused with %j', async (args, message) => {
    const ended = await portolan([...given(path('refused.portolan')), ...args, '--align'])
    expect(ended.status).toBe(2)
    expect(ended.err).toContain(message)
    expect(existsSync(path('refused.portolan'))).toBe(false)
  })
})
