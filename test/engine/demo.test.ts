import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AtlasParams } from '../../electron/contract/build.ts'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { encodePng } from '../../electron/engine/images/encode.ts'
import { gridPicture, shownCells } from '../../electron/engine/jobs/atlas/export.ts'
import { enterPhotographs } from '../../electron/engine/jobs/atlas/photographs.ts'
import { drawSamples } from '../../electron/engine/jobs/atlas/samples.ts'
import { buildDemo, DEMO, type DemoJob } from '../../electron/engine/jobs/demo.ts'
import { bodyOf } from '../../electron/engine/jobs/kinds.ts'
import { enterModel } from '../../electron/engine/jobs/models/enter.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import { exportSamples } from '../../electron/engine/jobs/samples/export.ts'
import { openSamplesFile } from '../../electron/engine/jobs/samples/file.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { listFolders } from '../../electron/engine/store/photographs.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { photograph } from '../fixtures/images.ts'
import { quick } from '../fixtures/inversions.ts'
import { inception } from '../fixtures/networks.ts'
import { temporaryFolder, temporaryProject } from './store/project.ts'

const resource = (path: string): string => fileURLToPath(new URL(`../../resources/${path}`, import.meta.url))

/** A samples file of a small network, made as the embedded one is. */
async function smallSamples(classifier: Classifier, runtime: Runtime): Promise<string> {
  const folder = temporaryFolder()
  for (let i = 0; i < 12; i++)
    await photograph(40, 40, i)
      .jpeg()
      .toFile(join(folder, `${i}.jpg`))
  const db: Writable = temporaryProject()
  enterModel(db, classifier)
  const file = join(folder, 'small.samples')
  await runJob(db, 'make samples', {}, async job => {
    const photographs = await enterPhotographs(db, [folder], job)
    const params = { seed: 0, positionsPerImage: 2, attribution: 'exact' } as const
    const order = { classifier, runtime, photographs, layers: classifier.layers, params }
    const work = { ...job, continues: () => {} }
    await exportSamples(db, await drawSamples(db, order, work), file, work)
  })
  return file
}

describe('the demo', () => {
  it('makes an atlas of samples alone, the same again and again, and nothing twice', async () => {
    const network = classifierFrom(inception())
    const classifier = { ...network, hash: createHash('sha256').update(network.hash).digest('hex') }
    const runtime = await createCpuRuntime({ threads: 1 })
    onTestFinished(() => runtime.close())
    const samples = await smallSamples(classifier, runtime)
    const params: AtlasParams = {
      layers: ['mixed3a'],
      positionsPerImage: 2,
      seed: 0,
      layout: LayoutParams.parse({ neighbours: 5 }),
      layoutSeed: 0,
      grids: [3],
      least: 1,
      attribution: 'exact',
      ridge: 1e-3,
      preset: 'draft',
      inversion: { ...quick, steps: 2, batch: 4 },
    }
    const order: DemoJob = { model: classifier.file, samples, params }
    const build = (db: Writable) =>
      runJob(db, DEMO, { ...order }, job => buildDemo(db, order, classifier, runtime, job))
    const pictureOf = async (db: Writable, atlas: Parameters<typeof gridPicture>[1]) =>
      encodePng(await gridPicture(db, atlas, 3))

    const db = temporaryProject()
    const first = await build(db)
    const [{ atlas, grids, samples: n }] = first.result as [(typeof first.result)[0]]
    expect(n).toBe(24)
    expect(grids).toMatchObject([{ grid: 3, samples: 24, shown: 24 }])
    expect(new Set(first.stages.map(({ outcome }) => outcome))).toEqual(new Set(['computed']))
    expect(listFolders(db).every(({ path }) => path === null)).toBe(true)
    const picture = await pictureOf(db, atlas)
    const { width } = await sharp(picture).metadata()
    expect(width).toBe(3 * (48 - 2 * 2))

    const second = await build(db)
    expect(second.stages.map(({ outcome }) => outcome)).toEqual(first.stages.map(() => 'reused'))
    expect((await pictureOf(db, atlas)).equals(picture)).toBe(true)

    const other = temporaryProject()
    const third = await build(other)
    expect(shownCells(other, third.result[0]!.atlas, 3)).toEqual(shownCells(db, atlas, 3))
    expect((await pictureOf(other, third.result[0]!.atlas)).equals(picture)).toBe(true)
    expect(() => bodyOf(db, DEMO, { ...order })).not.toThrow()
  })
})

describe('what comes with Portolan', () => {
  it('is a network and samples of it, that go together and are small', async () => {
    const model = resource('models/inceptionv1-portolan.onnx')
    const file = resource('samples/inceptionv1-portolan.samples')
    const classifier = await loadClassifier(model)
    expect(classifier.layers.map(({ name }) => name)).toEqual(
      ['3a', '3b', '4a', '4b', '4c', '4d', '4e', '5a', '5b'].map(name => `mixed${name}`),
    )
    const samples = await openSamplesFile(file)
    onTestFinished(() => samples.close())
    const { contents } = samples
    expect(contents.model.hash).toBe(classifier.hash)
    expect(contents.layers.map(({ name }) => name)).toEqual(classifier.layers.map(({ name }) => name))
    expect(contents.samples).toBe(3_000)
    for (const { loss } of contents.layers) {
      expect(loss.relativeRms).toBeLessThan(0.01)
      expect(loss.leastCosine).toBeGreaterThan(0.999)
    }
    expect((await stat(file)).size).toBeLessThan(16e6)
    expect((await stat(model)).size).toBeLessThan(15e6)
    for (const beside of ['models/inceptionv1-portolan.md', 'samples/inceptionv1-portolan.md'])
      expect(existsSync(resource(beside))).toBe(true)
  })
})
