import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AtlasParams } from '../../electron/contract/build.ts'
import { licenseName } from '../../electron/contract/credit.ts'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { PatchLook } from '../../electron/contract/placement.ts'
import { gridPicture, shownCells } from '../../electron/engine/atlas/export.ts'
import { drawSamples } from '../../electron/engine/atlas/samples.ts'
import { buildDemo, DEMO, type DemoJob, demoOrder, LAYERS_WITH_LAYOUT } from '../../electron/engine/demo/build.ts'
import { FINDING } from '../../electron/engine/demo/finding.ts'
import type { TransparentPicture } from '../../electron/engine/images/decode.ts'
import { encodePng } from '../../electron/engine/images/encode.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { frameClassifier, readingOf } from '../../electron/engine/patch/classify.ts'
import { backgroundOf, compose } from '../../electron/engine/patch/compose.ts'
import { meanControl, spectrumControl } from '../../electron/engine/patch/matched.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { bodyOf } from '../../electron/engine/pipelines/kinds.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { exportSamples } from '../../electron/engine/samples-file/export.ts'
import { openSamplesFile } from '../../electron/engine/samples-file/file.ts'
import { openSamplesOf } from '../../electron/engine/samples-file/import.ts'
import { findSampled } from '../../electron/engine/samples-file/photographs.ts'
import { listPatches } from '../../electron/engine/store/patches.ts'
import { findImage, listFolders } from '../../electron/engine/store/photographs.ts'
import { readSamples } from '../../electron/engine/store/samples.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { photograph } from '../fixtures/images.ts'
import { quick } from '../fixtures/inversions.ts'
import { inception } from '../fixtures/networks.ts'
import { temporaryFolder, temporaryProject } from './store/project.ts'

const resource = (path: string): string => fileURLToPath(new URL(`../../resources/${path}`, import.meta.url))

/** Photographs with their authors and a samples file of a small network, made as the embedded ones are. */
async function smallSamples(classifier: Classifier, runtime: Runtime) {
  const folder = temporaryFolder()
  for (let i = 0; i < 12; i++)
    await photograph(40, 40, i)
      .jpeg()
      .toFile(join(folder, `${i}.jpg`))
  writeFileSync(join(folder, 'ATTRIBUTION.csv'), 'file,author\n3.jpg,Ada\n')
  const db: Writable = temporaryProject()
  enterModel(db, classifier)
  const samples = join(temporaryFolder(), 'small.samples')
  await runJob(db, 'make samples', {}, async job => {
    const photographs = await enterPhotographs(db, [folder], job)
    const params = { seed: 0, positionsPerImage: 2, attribution: 'exact' } as const
    const order = { classifier, runtime, photographs, layers: classifier.layers, params }
    const work = { ...job, continues: () => {} }
    await exportSamples(db, (await drawSamples(db, order, work)).set, samples, work, { names: true })
  })
  return { folder, samples }
}

describe('the demo', () => {
  it('makes an atlas of samples and their photographs, the same again and again, and nothing twice', async () => {
    const network = classifierFrom(inception())
    const classifier = { ...network, hash: createHash('sha256').update(network.hash).digest('hex') }
    const runtime = await createCpuRuntime({ threads: 1 })
    onTestFinished(() => runtime.close())
    const { folder, samples } = await smallSamples(classifier, runtime)
    const params: AtlasParams = {
      layers: ['mixed3a'],
      positionsPerImage: 2,
      seed: 0,
      layout: LayoutParams.parse({ neighbours: 5 }),
      layoutSeed: 0,
      grids: [3],
      minSamples: 1,
      attribution: 'exact',
      ridge: 1e-3,
      preset: 'draft',
      inversion: { ...quick, steps: 2, batch: 4 },
    }
    const patches = [{ photograph: '3.jpg', box: { left: 0, top: 0, right: 0.5, bottom: 0.25 }, name: 'a corner' }]
    const order: DemoJob = { model: classifier.file, samples, photographs: folder, patches, params }
    const build = (db: Writable, given = order) =>
      runJob(db, DEMO, { ...given }, job => buildDemo(db, given, classifier, runtime, job))
    const pictureOf = async (db: Writable, atlas: Parameters<typeof gridPicture>[1]) =>
      encodePng(await gridPicture(db, atlas, 3))

    const db = temporaryProject()
    const first = await build(db)
    const [{ atlas, grids, samples: n }] = first.result as [(typeof first.result)[0]]
    expect(n).toBe(24)
    expect(grids).toMatchObject([{ grid: 3, samples: 24, shown: 24 }])
    expect(new Set(first.stages.map(({ outcome }) => outcome))).toEqual(new Set(['computed']))
    const [place] = listFolders(db)
    expect(place).toMatchObject({ path: folder })
    const { relative } = findImage(db, readSamples(db, atlas.set, 0, 1)[0]!.image)!
    expect(existsSync(join(folder, relative))).toBe(true)
    expect(listPatches(db)).toMatchObject([
      { name: 'a corner', width: 20, height: 10, origin: 'region of 3.jpg (Photograph by Ada)' },
    ])
    const picture = await pictureOf(db, atlas)
    const { width } = await sharp(picture).metadata()
    expect(width).toBe(3 * 48)

    const second = await build(db)
    expect(second.stages.map(({ outcome }) => outcome)).toEqual(first.stages.map(() => 'reused'))
    expect((await pictureOf(db, atlas)).equals(picture)).toBe(true)

    const other = temporaryProject()
    const third = await build(other)
    expect(shownCells(other, third.result[0]!.atlas, 3)).toEqual(shownCells(db, atlas, 3))
    expect((await pictureOf(other, third.result[0]!.atlas)).equals(picture)).toBe(true)
    expect(() => bodyOf(db, DEMO, { ...order })).not.toThrow()

    // The installation has moved: nothing is made again, and the photographs are found where they are now.
    const moved = join(temporaryFolder(), 'elsewhere')
    renameSync(folder, moved)
    const fourth = await build(db, { ...order, photographs: moved })
    expect(fourth.stages.map(({ outcome }) => outcome)).toEqual(first.stages.map(() => 'reused'))
    expect(listFolders(db)).toMatchObject([{ id: place!.id, path: moved }])
    expect(listPatches(db)).toHaveLength(1)
    writeFileSync(join(moved, '5.jpg'), 'not that photograph')
    await expect(build(temporaryProject(), { ...order, photographs: moved })).rejects.toThrow(
      /5\.jpg is not the sampled picture/,
    )
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
      expect(loss.minCosine).toBeGreaterThan(0.999)
    }
    expect(contents.layouts.map(({ layer }) => layer).toSorted()).toEqual([...LAYERS_WITH_LAYOUT].toSorted())
    expect((await stat(file)).size).toBeLessThan(25e6)
    expect((await stat(model)).size).toBeLessThan(15e6)
    for (const document of [
      'models/inceptionv1-portolan.md',
      'samples/inceptionv1-portolan.md',
      'photographs/README.md',
    ])
      expect(existsSync(resource(document))).toBe(true)
  })

  it('are the very photographs that the samples are of, with author, source, licence and change of each', async () => {
    const { samples: file, photographs: folder, model } = demoOrder()
    const samples = await openSamplesOf(file, await loadClassifier(model))
    onTestFinished(() => samples.close())
    const signal = new AbortController().signal
    const { credits } = await findSampled(samples, folder!, signal)
    expect(credits.size).toBe(1_000)
    for (const { author, source, license, changes } of credits.values()) {
      expect(author).not.toBe('')
      expect(source).toMatch(/^https?:\/\//)
      expect(licenseName(license)).toBe('CC BY 2.0')
      expect(changes).toContain('resized to 256 × 256 px')
    }
    const files = readdirSync(folder!)
    expect(files.filter(name => name.endsWith('.jpg'))).toHaveLength(1_000)
    expect(files.reduce((sum, name) => sum + statSync(join(folder!, name)).size, 0)).toBeLessThan(16e6)
  })

  it('are a patch and photographs that confirm what the tour states about them', async () => {
    const { photographs: folder, patches, model } = demoOrder()
    const classifier = await loadClassifier(model)
    const runtime = await createCpuRuntime({ threads: 1 })
    onTestFinished(() => runtime.close())
    const net = await frameClassifier(classifier, runtime)
    const [source, target] = [FINDING.source, FINDING.target].map(synset =>
      classifier.labels.findIndex(label => label.synset === synset),
    ) as [number, number]
    const { photograph, box } = patches.find(({ name }) => name === FINDING.patch)!
    const whole = await sharp(readFileSync(join(folder!, photograph))).metadata()
    expect([whole.width, whole.height]).toEqual([256, 256])
    const { data } = await sharp(join(folder!, photograph))
      .extract({
        left: Math.round(box.left * 256),
        top: Math.round(box.top * 256),
        width: Math.round((box.right - box.left) * 256),
        height: Math.round((box.bottom - box.top) * 256),
      })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const width = Math.round((box.right - box.left) * 256)
    const picture = { rgba: new Uint8Array(data), width, height: data.length / 4 / width }
    const background = await backgroundOf(classifier, join(folder!, FINDING.photograph))
    const { x, y, size } = FINDING
    const placed = [{ ...PatchLook.parse({ aspect: 'square' }), patch: 1, x, y, size, hidden: false }]
    const pictured = (pixels: TransparentPicture) => new Map([[1, { ...pixels, name: '' }]])
    const read = async (rgb: Uint8Array) => readingOf(classifier, await net.logits(rgb), 0, source, target)
    const before = await read(background.rgb)
    const after = await read(compose(background, placed, pictured(picture)).rgb)
    const controls = [
      compose(background, placed, pictured(meanControl(picture))),
      compose(background, placed, pictured(spectrumControl(picture, 0, 0))),
      compose(background, [{ ...placed[0]!, fill: 'surroundings' }], pictured(picture)),
    ]
    expect([before.winner, after.winner]).toEqual([source, target])
    for (const { rgb } of controls) {
      const control = await read(rgb)
      expect(control.winner).not.toBe(target)
      expect(after.targetProbability).toBeGreaterThan(3 * control.targetProbability)
    }
  })
})
