import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { appendJobLog, queueJob } from '../../electron/engine/store/jobs.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { portolan } from '../fixtures/command-line.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork } from '../fixtures/project-files.ts'

let folder: string
const path = (name: string): string => join(folder, name)
const project = (): string => path('some.portolan')

const json = async <S extends z.ZodType>(schema: S, ...args: string[]): Promise<z.output<S>> => {
  const { status, out, err } = await portolan(...args, '--json')
  expect([status, err.includes('portolan:')], err).toEqual([0, false])
  return schema.parse(JSON.parse(out))
}

const PHOTOGRAPHS = 6
const SAMPLES = 3 * PHOTOGRAPHS
const build = () => [
  ...['atlas', 'build', project(), '--model', path('net.onnx'), '--images', path('photos')],
  ...['--layers', 'mixed3a', '--grid', '2,4', '--min-samples', '1', '--preset', 'draft', '--steps', '2'],
  ...['--samples', String(SAMPLES)],
]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-projects-'))
  await writeNetwork(path('net.onnx'), { labels: Array.from({ length: 10 }, (_, i) => `n0000000${i} thing ${i}`) })
  await mkdir(path('photos'))
  for (let i = 0; i < PHOTOGRAPHS; i++)
    await photograph(50, 40, i)
      .jpeg()
      .toFile(path(`photos/${i}.jpg`))
  const built = await portolan(...build())
  expect(built.status, built.err).toBe(0)
})
afterAll(() => rm(folder, { recursive: true }))

const Cells = z.object({
  samples: z.int(),
  samplesShown: z.int(),
  cells: z.array(
    z.object({
      i: z.int(),
      j: z.int(),
      count: z.int(),
      x: z.number(),
      y: z.number(),
      // Too few photographs for a reliable one.
      label: z.null(),
      for: z.array(
        z.object({
          class: z.int(),
          synset: z.string(),
          name: z.string(),
          value: z.number(),
          deviation: z.number(),
        }),
      ),
      against: z.array(z.object({ value: z.number() })),
      fidelity: z.number(),
      robustFidelity: z.number(),
      icon: z.object({ key: z.string(), status: z.string() }),
      nearest: z.array(
        z.object({ image: z.string(), file: z.string(), v: z.number(), u: z.number(), cosine: z.number() }),
      ),
    }),
  ),
})

describe('atlas export', () => {
  it('draws its picture on a dark or a light background', async () => {
    const pixels = async (name: string, ...background: string[]): Promise<Buffer> => {
      const where = ['--layer', 'mixed3a', '--grid', '4', '--png', path(name)]
      await json(z.object({ shown: z.int() }), 'atlas', 'export', project(), ...where, ...background)
      return sharp(path(name)).raw().toBuffer()
    }
    const [dark, light] = [await pixels('dark.png'), await pixels('light.png', '--background', 'light')]
    expect(light.length).toBe(dark.length)
    const changed = Array.from(dark).flatMap((value, i) => (value === light[i] ? [] : [i]))
    expect(changed.length).toBeGreaterThan(100)
    expect(new Set(changed.map(i => `${dark[i]} ${light[i]}`))).toEqual(new Set(['17 255']))
  })

  it('writes all cells, with classes by name and the photographs nearest to each', async () => {
    const where = ['--layer', 'mixed3a', '--grid', '4']
    const files = ['--png', path('a.png'), '--cells', path('a.json'), '--npy', path('arrays')]
    const { shown } = await json(z.object({ shown: z.int() }), 'atlas', 'export', project(), ...where, ...files)
    const { cells, samples, samplesShown } = Cells.parse(JSON.parse(await readFile(path('a.json'), 'utf8')))
    expect([samples, samplesShown, cells.length]).toEqual([SAMPLES, SAMPLES, shown])
    expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(SAMPLES)
    for (const { i, j, x, y, count, nearest, for: inFavour } of cells) {
      expect([Math.min(3, Math.floor(4 * y)), Math.min(3, Math.floor(4 * x))]).toEqual([i, j])
      for (const { class: index, name, synset } of inFavour)
        expect([name, synset]).toEqual([`thing ${index}`, `n0000000${index}`])
      expect(nearest.length).toBe(Math.min(5, count))
      const cosines = nearest.map(({ cosine }) => cosine)
      expect(cosines).toEqual(cosines.toSorted((a, b) => b - a))
      // A single sample is its cell's direction, but for the rounding of the store.
      if (count === 1) expect(cosines[0]).toBeCloseTo(1, 5)
      for (const { image, file } of nearest) expect(file).toBe(join(folder, image))
      const values = inFavour.map(({ value }) => value)
      expect(values).toEqual(values.toSorted((a, b) => b - a))
    }
    const { width, height } = await sharp(path('a.png')).metadata()
    expect(width).toBe(height)
    expect(width % 4).toBe(0)
    expect((await readdir(path('arrays'))).toSorted()).toEqual(
      ['cells', 'counts', 'directions', 'positions', 'samples'].map(name => `${name}.npy`),
    )
    const counts = await readFile(path('arrays/counts.npy'))
    expect(counts.subarray(1, 6).toString()).toBe('NUMPY')
    const start = 10 + counts.readUInt16LE(8)
    expect(start % 64).toBe(0)
    expect(counts.subarray(10, start).toString()).toMatch(
      new RegExp(`^\\{'descr': '<u4', 'fortran_order': False, 'shape': \\(${cells.length},\\), \\} *\\n$`),
    )
    expect(cells.map((_, row) => counts.readUInt32LE(start + 4 * row))).toEqual(cells.map(({ count }) => count))
  })

  it.each([
    [
      'a layer without an atlas',
      ['--layer', 'mixed9', '--grid', '4', '--png', 'x.png'],
      /has no atlas of mixed9: it has "mixed3a, draft"/,
    ],
    [
      'a grid that is not there',
      ['--layer', 'mixed3a', '--grid', '5', '--png', 'x.png'],
      /has no grid of 5 × 5 cells: it has 2, 4/,
    ],
    ['nothing to write', ['--layer', 'mixed3a', '--grid', '4'], /--png or --figure, --cells or --npy is required/],
  ])('refuses %s', async (_, args, sentence) => {
    const { status, err } = await portolan('atlas', 'export', project(), ...args)
    expect([status, err]).toEqual([2, expect.stringMatching(sentence)])
  })
})

describe('projects', () => {
  it('are described, as text and as JSON', async () => {
    const Info = z.object({
      models: z.array(z.object({ name: z.string() })),
      sets: z.array(z.object({ n: z.int() })),
      atlases: z.array(z.object({ grids: z.array(z.object({ grid: z.int(), samples: z.int() })) })),
    })
    const info = await json(Info, 'project', 'info', project())
    expect(info.models).toEqual([{ name: 'Net' }])
    expect(info.sets).toEqual([{ n: SAMPLES }])
    expect(info.atlases[0]!.grids).toEqual([2, 4].map(grid => ({ grid, samples: SAMPLES })))
    const { out, status } = await portolan('project', 'info', project())
    expect(status).toBe(0)
    expect(out).toMatch(/mixed3a, draft +2 × 2 +18 of 18 samples shown/)
  })

  it('are checked: whole ones are, others give their faults and 1', async () => {
    expect(await json(z.object({ whole: z.boolean() }), 'project', 'check', project())).toEqual({ whole: true })
    const bytes = await readFile(project())
    bytes.fill(0x5a, 20_000, 60_000)
    await writeFile(path('broken.portolan'), bytes)
    const { status, out } = await portolan('project', 'check', path('broken.portolan'), '--json')
    expect(status).toBe(1)
    expect(z.object({ faults: z.array(z.string()).min(1) }).safeParse(JSON.parse(out)).success).toBe(true)
  })

  it('are unlocked', async () => {
    expect(await json(z.object({ held: z.null() }), 'project', 'unlock', project())).toEqual({ held: null })
    using held = openProject(project(), { mode: 'write', who: { command: 'a test' } })
    const { held: before } = await json(
      z.object({ held: z.object({ command: z.string() }) }),
      'project',
      'unlock',
      project(),
    )
    expect(before.command).toBe('a test')
    expect(() => queueJob(held, 'any', 'key', {}, 0)).toThrow(/locked by another process/)
  })

  it.each([
    [['project', 'info', 'none.portolan'], 1, /there is no project/],
    [['project', 'info', 'net.onnx'], 1, /net\.onnx/],
    [['jobs', 'list', 'some.portolan', '--job', '99'], 1, /has no job 99/],
    [['jobs', 'cancel', 'some.portolan'], 1, /no job is running/],
    [['jobs', 'resume', 'some.portolan'], 1, /there is nothing to resume/],
    [['samples', 'export', 'some.portolan', '--out', 'x.samples', '--set', '7'], 2, /has no sample set 7/],
    [['samples', 'import', 'new.portolan', 'net.onnx', '--model', 'net.onnx'], 1, /it is not a samples file/],
  ] as const)('%j is refused in a sentence', async (args, status, sentence) => {
    const result = await portolan(...args.map(arg => (/\.(portolan|onnx|samples)$/.test(arg) ? path(arg) : arg)))
    expect([result.status, result.out]).toEqual([status, ''])
    expect(result.err).toMatch(sentence)
    expect(result.err).not.toContain('    at ')
    expect(await readdir(folder)).not.toContain('new.portolan')
  })
})

describe('jobs', () => {
  it('are listed, one with its stages', async () => {
    const { jobs } = await json(
      z.object({ jobs: z.array(z.object({ id: z.int(), kind: z.string() })) }),
      'jobs',
      'list',
      project(),
    )
    expect(jobs.at(-1)).toEqual({ id: 1, kind: 'atlas build' })
    const { out } = await portolan('jobs', 'list', project(), '--job', '1')
    expect(out).toMatch(/mixed3a: icons +computed/)
  })

  it('are resumed by kind, whatever it is; an unknown kind is refused', async () => {
    const { jobs } = await json(z.object({ jobs: z.array(z.object({ params: z.json() })) }), 'jobs', 'list', project())
    {
      using db = openProject(project(), { mode: 'write', who: { command: 'a test' } })
      const id = queueJob(db, 'atlas build', 'an interrupted one', jobs.at(-1)!.params, 0)
      appendJobLog(db, id, 'info', 'begun by a test', 0)
    }
    const Resumed = z.object({ kind: z.string(), stages: z.array(z.object({ name: z.string(), outcome: z.string() })) })
    const { kind, stages } = await json(Resumed, 'jobs', 'resume', project())
    expect(kind).toBe('atlas build')
    const [photographs, ...others] = stages
    expect(photographs!.name).toBe('photographs')
    expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(['reused']))

    for (const [kind, params, sentence] of [
      ['atlas of tomorrow', {}, /has no such kind of job/],
      ['atlas build', { model: 7 }, /it was saved by another version of Portolan/],
    ] as const) {
      let id: number
      {
        using db = openProject(project(), { mode: 'write', who: { command: 'a test' } })
        id = queueJob(db, kind, kind, params, 0)
      }
      const { status, err } = await portolan('jobs', 'resume', project(), '--job', String(id))
      expect([status, err]).toEqual([1, expect.stringMatching(sentence)])
    }
  })
})

describe('samples', () => {
  it('are exported and imported into another project', async () => {
    const Exported = z.object({
      samples: z.int(),
      photographs: z.int(),
      layers: z.array(z.object({ name: z.string() })),
    })
    const exported = await json(Exported, 'samples', 'export', project(), '--out', path('a.samples'))
    expect(exported).toEqual({ samples: SAMPLES, photographs: PHOTOGRAPHS, layers: [{ name: 'mixed3a' }] })
    const args = ['samples', 'import', path('other.portolan'), path('a.samples'), '--model', path('net.onnx')]
    const Imported = z.object({ samples: z.int(), outcome: z.string() })
    expect(await json(Imported, ...args)).toEqual({ samples: SAMPLES, outcome: 'computed' })
    expect(await json(Imported, ...args)).toEqual({ samples: SAMPLES, outcome: 'reused' })
  })
})
