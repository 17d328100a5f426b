import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LayoutStability } from '../../electron/contract/stability.ts'
import { ATLAS_STABILITY, measureStability } from '../../electron/engine/atlas/stability.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import { mapNeighbours, stabilityOf } from '../../electron/engine/layout/stability.ts'
import { Project } from '../../electron/engine/query/project.ts'
import { stabilityOfCells } from '../../electron/engine/query/stability.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { listCells } from '../../electron/engine/store/cells.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { listJobRecords } from '../../electron/engine/store/jobs.ts'
import { keptNeighbours, layoutRepeat, stabilityOfLayout } from '../../electron/engine/store/layout-stability.ts'
import { layoutPositions, listLayouts } from '../../electron/engine/store/layouts.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { removeSampleSet } from '../../electron/engine/store/samples.ts'
import type { Readable } from '../../electron/engine/store/sql.ts'
import { portolan, succeed } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const SAMPLES = 96
const who = { command: 'test' }
let folder: string
const path = (name: string): string => join(folder, name)
/** A copy of the project in which no stability was measured. */
const fresh = (name: string): string => {
  copyFileSync(path('built.portolan'), path(name))
  return path(name)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-stability-'))
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), 24)
  const quick = ['--preset', 'draft', '--steps', '2', '--min-samples', '1', '--grid', '4']
  const layers = ['--layers', 'mixed3b,mixed4a']
  const source = ['--model', path('net.onnx'), '--images', path('photos'), '--samples', String(SAMPLES)]
  await succeed('atlas', 'build', path('built.portolan'), ...source, ...layers, ...quick)
  await succeed('atlas', 'layout', path('built.portolan'), ...layers, ...quick, '--align', '--name', 'aligned')
  await succeed('class-atlas', path('built.portolan'), '--layer', 'mixed3b', '--class', '3', ...quick, ...NAMED)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const Printed = z.object({
  layer: z.string(),
  samples: z.int(),
  stability: LayoutStability,
  stages: z.array(z.object({ name: z.string(), outcome: z.string() })),
})
const measure = async (project: string, ...more: readonly string[]) =>
  Printed.parse(JSON.parse((await succeed('atlas', 'stability', project, '--layer', 'mixed3b', ...more, '--json')).out))
const NAMED = ['--atlas', 'mixed3b, draft']
const outcomes = ({ stages }: z.output<typeof Printed>) =>
  Object.fromEntries(stages.map(({ name, outcome }) => [name, outcome]))
const read = <Result>(file: string, use: (db: Readable) => Result): Result => {
  using db = openProject(file, { mode: 'read' })
  return use(db)
}
const whole = (db: Readable) => listAtlases(db).find(({ name }) => name === 'mixed3b, draft')!
/** Everything that a measurement stores. */
const digest = (file: string): string =>
  read(file, db => {
    const { layout } = whole(db)
    const hash = createHash('sha256').update(JSON.stringify(stabilityOfLayout(db, layout)))
    hash.update(keptNeighbours(db, layout)!)
    for (const seed of [1, 2]) hash.update(layoutRepeat(db, layout, seed)!)
    return hash.digest('hex')
  })

describe('portolan atlas stability', () => {
  it('compares the map with layouts by other seeds, and keeps what each sample keeps', async () => {
    const file = fresh('one.portolan')
    const printed = await measure(file, ...NAMED)
    const { stability } = printed
    expect(printed).toMatchObject({ layer: 'mixed3b', samples: SAMPLES })
    expect(stability).toMatchObject({ seeds: [0, 1, 2], k: 15, chance: 15 / 95, earlier: false })
    expect(stability.pairs.map(({ seeds }) => seeds)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ])
    // Layouts of one set by different seeds are different, and more alike than by chance.
    for (const { procrustes, shared } of stability.pairs) {
      expect(procrustes).toBeGreaterThan(0)
      expect(shared).toBeGreaterThan(2 * stability.chance)
      expect(shared).toBeLessThan(1)
    }
    expect(stability.kept).toBeCloseTo((stability.pairs[0]!.shared + stability.pairs[1]!.shared) / 2, 12)
    using db = openProject(file, { mode: 'read' })
    const { layout } = whole(db)
    const maps = [layoutPositions(db, layout), layoutRepeat(db, layout, 1)!, layoutRepeat(db, layout, 2)!]
    const again = await stabilityOf(maps, new AbortController().signal, () => {})
    expect(Uint8Array.from(keptNeighbours(db, layout)!)).toEqual(again.kept)
    expect(stabilityOfLayout(db, layout)).toEqual(stability)
    expect(checkProject(file).faults).toEqual([])
  })

  it('reuses what is there, and lays out only further seeds', async () => {
    const file = fresh('more.portolan')
    expect(outcomes(await measure(file, ...NAMED))).toEqual({
      'mixed3b: layout of seed 1': 'computed',
      'mixed3b: layout of seed 2': 'computed',
      'mixed3b: stability': 'computed',
    })
    expect(new Set(Object.values(outcomes(await measure(file, ...NAMED))))).toEqual(new Set(['reused']))
    const four = await measure(file, ...NAMED, '--seeds', '4')
    expect(outcomes(four)).toEqual({
      'mixed3b: layout of seed 1': 'reused',
      'mixed3b: layout of seed 2': 'reused',
      'mixed3b: layout of seed 3': 'computed',
      'mixed3b: stability': 'computed',
    })
    expect(four.stability.pairs).toHaveLength(6)
    expect(checkProject(file).faults).toEqual([])
  })

  it('is cancelled between two layouts, resumes, and has the bytes of a run without a break', async () => {
    const file = fresh('cancelled.portolan')
    {
      using db = openProject(file, { mode: 'write', who })
      const stop = new AbortController()
      const layout = listLayouts(db, whole(db).set).find(({ id }) => id === whole(db).layout)!.key
      const order = { layout, seeds: 3 }
      await expect(
        runJob(db, ATLAS_STABILITY, order, job => measureStability(db, order, job), {
          signal: stop.signal,
          report: ({ stage, done }) => {
            if (stage === 'seed 2: umap' && done > 50) stop.abort()
          },
        }),
      ).rejects.toThrow('atlas stability was cancelled')
      expect(stabilityOfLayout(db, whole(db).layout)).toBeNull()
      expect(layoutRepeat(db, whole(db).layout, 1)).toBeDefined()
      expect(layoutRepeat(db, whole(db).layout, 2)).toBeUndefined()
    }
    await succeed('jobs', 'resume', file)
    const [last] = read(file, listJobRecords)
    expect(last).toMatchObject({ kind: ATLAS_STABILITY, state: 'done' })
    expect(last!.stages.map(({ outcome }) => outcome)).toEqual(['reused', 'computed', 'computed'])
    const straight = fresh('straight.portolan')
    await measure(straight, ...NAMED)
    expect(digest(file)).toBe(digest(straight))
  })

  it('lays aligned layers out together again, and measures all of them', async () => {
    const file = fresh('aligned.portolan')
    const aligned = read(file, db => listAtlases(db).find(({ name }) => name.includes('aligned'))!.key)
    const printed = await measure(file, '--atlas', aligned)
    expect(outcomes(printed)).toEqual({
      'aligned layers: layout of seed 1': 'computed',
      'aligned layers: layout of seed 2': 'computed',
      'mixed3b: stability': 'computed',
      'mixed4a: stability': 'computed',
    })
    expect(printed.stability.earlier).toBe(false)
    expect(printed.stability.kept).toBeGreaterThan(2 * printed.stability.chance)
    expect(new Set(Object.values(outcomes(await measure(file, '--atlas', aligned))))).toEqual(new Set(['reused']))
    expect(checkProject(file).faults).toEqual([])
  })

  it('marks a layout of an earlier version, whose method may be a part of the difference', async () => {
    const file = fresh('earlier.portolan')
    const db = new Database(file)
    db.exec(`UPDATE layouts SET params = json_remove(params, '$.epochs')`)
    db.close()
    const { stability } = await measure(file, ...NAMED)
    expect(stability.earlier).toBe(true)
  })

  it('refuses class atlases, and other numbers of seeds, in a sentence', async () => {
    const file = fresh('refused.portolan')
    const refused = await portolan('atlas', 'stability', file, '--layer', 'mixed3b', ...NAMED, '--seeds', '1')
    expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('--seeds takes a whole number from 2') })
    using db = openProject(file, { mode: 'write', who })
    const part = listLayouts(db, whole(db).set).find(({ n }) => n < SAMPLES)!
    const order = { layout: part.key, seeds: 3 }
    await expect(runJob(db, ATLAS_STABILITY, order, job => measureStability(db, order, job))).rejects.toThrow(
      'stability is measured of whole atlases, not of class atlases and comparisons',
    )
  })
})

describe('the stability of cells', () => {
  it('is the mean over the samples of each, in the order of the cells', async () => {
    const file = fresh('cells.portolan')
    const { stability } = await measure(file, ...NAMED)
    using db = openProject(file, { mode: 'read' })
    const project = new Project(file, db, () => Promise.reject(new Error('no network is needed')))
    const atlas = whole(db)
    const { kept } = stabilityOfCells(project, atlas, 4)!
    const cells = listCells(db, atlas.id, 4).filter(({ icon }) => icon !== null)
    expect(kept).toHaveLength(cells.length)
    // Every cell is shown, so that the cells weighted by their counts have the mean of the map.
    const total = cells.reduce((sum, { count }, k) => sum + count * kept[k]!, 0)
    expect(total / SAMPLES).toBeCloseTo(stability.kept, 6)
    expect(new Set(kept).size).toBeGreaterThan(1)
  })

  it('is in the JSON of the cells', async () => {
    const file = fresh('exported.portolan')
    const json = path('cells.json')
    const exported = async () => {
      await succeed('atlas', 'export', file, '--layer', 'mixed3b', ...NAMED, '--grid', '4', '--cells', json)
      return JSON.parse(readFileSync(json, 'utf8'))
    }
    const before = await exported()
    expect(before.layout.stability).toBeNull()
    expect(before.cells[0].stability).toBeNull()
    const { stability } = await measure(file, ...NAMED)
    const after = await exported()
    expect(after.layout.stability).toEqual(stability)
    using db = openProject(file, { mode: 'read' })
    const project = new Project(file, db, () => Promise.reject(new Error('no network is needed')))
    expect(after.cells.map((cell: { stability: number }) => cell.stability)).toEqual([
      ...stabilityOfCells(project, whole(db), 4)!.kept,
    ])
  })

  it('is unknown where it was not measured', () => {
    using db = openProject(path('built.portolan'), { mode: 'read' })
    const project = new Project(path('built.portolan'), db, () => Promise.reject(new Error('no network is needed')))
    expect(stabilityOfCells(project, whole(db), 4)).toBeNull()
  })
})

describe('a stored stability', () => {
  let measured: string
  beforeAll(async () => {
    measured = fresh('measured.portolan')
    await measure(measured, ...NAMED)
  })

  it('vanishes with its layout', () => {
    copyFileSync(measured, path('vanishing.portolan'))
    using db = openProject(path('vanishing.portolan'), { mode: 'write', who })
    const { layout, set } = whole(db)
    removeSampleSet(db, set)
    expect(stabilityOfLayout(db, layout)).toBeNull()
    expect(layoutRepeat(db, layout, 1)).toBeUndefined()
    db.close()
    expect(checkProject(path('vanishing.portolan')).faults).toEqual([])
  })

  it.each([
    [
      'a count beyond its maximum',
      `kept = CAST(x'ff' || substr(kept, 2) AS BLOB)`,
      'counts 255 neighbours of sample 0, of at most 30',
    ],
    ['counts that are not of its mean', `kept = zeroblob(${SAMPLES})`, 'by the counts of its samples 0.0000'],
    ['counts of fewer samples', `kept = x'01'`, `counts ${SAMPLES} samples, its stability is of 1`],
    ['a share beyond 1', `result = json_set(result, '$.kept', 2)`, 'layout_stability.result: kept'],
    [
      'the seed of another layout',
      `result = json_set(result, '$.seeds[0]', 9)`,
      'starts from seed 9, the layout from 0',
    ],
    [
      'a seed that was not laid out',
      `result = json_set(result, '$.seeds[2]', 7)`,
      'by seed 7, whose layout is missing',
    ],
    ['a pair too few', `result = json_remove(result, '$.pairs[0]')`, 'compares 2 pairs of 3 layouts'],
  ])('with %s is found by project check', (_, change, fault) => {
    const file = path('damaged.portolan')
    copyFileSync(measured, file)
    const db = new Database(file)
    db.exec(`UPDATE layout_stability SET ${change}`)
    db.close()
    const { faults } = checkProject(file)
    expect(faults.join('\n')).toContain(fault)
    expect(faults.join('\n')).toMatch(/layout_stability "\d+": the contents do not match the checksum/)
  })

  it.each([
    [
      'coordinates beyond the map',
      `xy = CAST(x'0000803f00000040' || substr(xy, 9) AS BLOB)`,
      'instead of float32 from 0 to 1',
    ],
    ['too few coordinates', `xy = x'00000000'`, 'its repeat of seed 1 has 4 bytes'],
  ])('whose repeats have %s is found by project check', (_, change, fault) => {
    const file = path('repeats.portolan')
    copyFileSync(measured, file)
    const db = new Database(file)
    db.exec(`UPDATE layout_repeats SET ${change} WHERE seed = 1`)
    db.close()
    expect(checkProject(file).faults.join('\n')).toContain(fault)
  })
})

it('compares by 15 neighbours, or half of the other samples', () => {
  expect([5, 12, 31, 32, 1e6].map(mapNeighbours)).toEqual([2, 5, 15, 15, 15])
})
