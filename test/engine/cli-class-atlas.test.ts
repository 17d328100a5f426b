import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startPortolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

let folder: string
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-cli-class-'))
  await writeNetwork(path('net.onnx'))
  // Two cranes, as in ImageNet, and names to be misspelt.
  const sidecar = JSON.parse(await readFile(path('net.model.json'), 'utf8'))
  sidecar.labels = [
    ...['n02012849 crane', 'n03126707 crane', 'n09421951 sandbar', 'n04251144 snorkel', 'n10565667 scuba diver'],
    ...['n03344393 fireboat', 'n04596742 wok', 'n03400231 frying pan', 'n02066245 grey whale', 'n04335435 streetcar'],
  ]
  await writeFile(path('net.model.json'), JSON.stringify(sidecar))
  await writePhotographs(path('photos'), 40)
  const built = await startPortolan(
    ...['atlas', 'build', path('a.portolan'), '--model', path('net.onnx'), '--images', path('photos')],
    ...[
      '--samples',
      '160',
      '--layers',
      'mixed3b',
      '--grid',
      '4',
      '--min-samples',
      '2',
      '--preset',
      'draft',
      '--steps',
      '3',
    ],
  ).ended
  expect(built.status, built.err).toBe(0)
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

const portolan = (command: string, ...args: string[]) =>
  startPortolan(command, path('a.portolan'), '--layer', 'mixed3b', ...args).ended

const Cell = z.object({ grid: z.int(), i: z.int(), j: z.int(), count: z.int() })
const ClassAtlas = z.object({
  class: z.object({ index: z.int(), name: z.string() }),
  scope: z.object({ counts: z.object({ before: z.int(), after: z.int() }) }),
  grids: z.array(z.object({ grid: z.int(), samples: z.int() })),
  cells: z.array(z.looseObject({ ...Cell.shape, attribution: z.number() })),
  stages: z.array(z.object({ name: z.string(), outcome: z.string() })),
  files: z.array(z.string()),
})

describe('portolan class-atlas', () => {
  it('makes a class atlas with its picture, and finds it again', async () => {
    const args = ['--class', 'snorkel', '--rank', '3', '--magnitude', '50', '--min-samples', '1', '--json']
    const first = await portolan('class-atlas', ...args, '--grid', '2,4', '--png', path('snorkel.png'))
    expect(first.status, first.err).toBe(0)
    const made = ClassAtlas.parse(JSON.parse(first.out))
    expect(made.class).toEqual({ index: 3, name: 'snorkel' })
    expect(made.scope.counts.before).toBe(160)
    for (const { grid, samples } of made.grids) {
      expect(samples).toBe(made.scope.counts.after)
      expect(made.cells.filter(cell => cell.grid === grid).reduce((sum, { count }) => sum + count, 0)).toBe(samples)
    }
    expect(made.files).toEqual([path('snorkel-2.png'), path('snorkel-4.png')])
    const { width, height, format } = await sharp(path('snorkel-4.png')).metadata()
    expect(format).toBe('png')
    expect(Math.min(width!, height!)).toBeGreaterThan(200)
    const again = await portolan('class-atlas', ...args, '--grid', '2,4')
    expect(ClassAtlas.parse(JSON.parse(again.out)).stages.every(({ outcome }) => outcome === 'reused')).toBe(true)
  })

  it.each(['n04251144', '3', 'Snorkel'])('finds the class by "%s"', async name => {
    const found = await portolan('class-atlas', '--class', name, '--magnitude', '5', '--json')
    expect(ClassAtlas.parse(JSON.parse(found.out)).class.index).toBe(3)
  })

  it.each([
    [
      ['--class', 'crane'],
      /"crane" is ambiguous between 2 classes: "n02012849" \(0 n02012849 crane\), "n03126707" \(1 n03126707 crane\)/,
    ],
    [['--class', 'firebote'], /none of the 10 classes is "firebote"; did you mean "fireboat"\?/],
    [['--class', '10'], /none of the 10 classes is "10"/],
    [['--class', 'wok', '--rank', '0'], /--rank takes a whole number from 1/],
    [['--class', 'wok', '--method', 'pca'], /--method takes tsne or umap/],
    [['--class', 'wok', '--atlas', 'other'], /no atlas "other" of mixed3b/],
    [[], /required option '--class <class>' not specified/],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const refused = await portolan('class-atlas', ...args)
    expect(refused.err).toMatch(sentence)
    expect(refused.status).toBe(2)
    expect(refused.out).toBe('')
  })
})

const Comparison = z.object({
  left: z.object({ index: z.int() }),
  right: z.object({ index: z.int() }),
  cells: z.array(
    z.object({
      ...Cell.shape,
      rank: z.int(),
      column: z.int(),
      toward: z.enum(['left', 'right']),
      difference: z.number(),
      // Null where there are too few photographs for an interval.
      low: z.number().nullable(),
      high: z.number().nullable(),
      otherClasses: z.array(z.object({ index: z.int() })),
    }),
  ),
  intervals: z.array(
    z.object({
      grid: z.int(),
      tested: z.int(),
      method: z.string(),
      crossFitted: z.literal(true),
      significant: z.int(),
    }),
  ),
  files: z.array(z.string()),
})

describe('portolan compare', () => {
  it('puts the first class on the left, and mirrors everything when they are swapped', async () => {
    const args = ['--rank', '3', '--magnitude', '60', '--grid', '4', '--min-samples', '1', '--json']
    const one = await portolan('compare', '--classes', 'snorkel,scuba diver', ...args, '--png', path('pair.png'))
    expect(one.status, one.err).toBe(0)
    const ahead = Comparison.parse(JSON.parse(one.out))
    const other = await portolan('compare', '--classes', 'scuba diver,snorkel', ...args)
    const back = Comparison.parse(JSON.parse(other.out))
    expect([ahead.left.index, ahead.right.index]).toEqual([3, 4])
    expect([back.left.index, back.right.index]).toEqual([4, 3])
    expect(ahead.cells.length).toBeGreaterThan(2)
    const [intervals] = ahead.intervals
    expect(intervals!.tested).toBe(ahead.cells.filter(({ low }) => low !== null).length)
    expect(intervals!.method).toContain('simultaneous over')
    const mirrored = new Map(back.cells.map(cell => [`${cell.i},${cell.j}`, cell]))
    for (const cell of ahead.cells) {
      const turned = mirrored.get(`${cell.i},${cell.j}`)!
      expect(turned.rank).toBe(cell.rank)
      expect(turned.column).toBe(3 - cell.column)
      expect(turned.difference).toBe(-cell.difference)
      const mirror = (end: number | null): number | null => end && -end
      expect([turned.low, turned.high]).toEqual([mirror(cell.high), mirror(cell.low)])
      expect(turned.toward).not.toBe(cell.toward)
      expect(cell.otherClasses.every(({ index }) => index !== 3 && index !== 4)).toBe(true)
    }
    expect(ahead.files).toEqual([path('pair.png')])
    expect(existsSync(path('pair.png'))).toBe(true)
  })

  it.each([
    ['snorkel', /--classes takes two classes with a comma between them/],
    ['snorkel,3', /names the same class twice: 3 n04251144 snorkel/],
    ['snorkel,crane', /"crane" is ambiguous between 2 classes/],
  ])('refuses "%s" in a sentence', async (classes, sentence) => {
    const refused = await portolan('compare', '--classes', classes)
    expect(refused.err).toMatch(sentence)
    expect(refused.status).toBe(2)
  })
})
