import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { silent } from '../../electron/contract/progress.ts'
import { existingLayout, layoutKey } from '../../electron/engine/jobs/atlas/layout.ts'
import { classifierKey } from '../../electron/engine/jobs/models/enter.ts'
import { exportSamples, KEPT } from '../../electron/engine/jobs/samples/export.ts'
import { importedSamples, importSamples, openSamplesOf } from '../../electron/engine/jobs/samples/import.ts'
import { BLOCK } from '../../electron/engine/jobs/samples/order.ts'
import { findSampled, movePlace, placeOfSet } from '../../electron/engine/jobs/samples/photographs.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { findActivations, float32Pages } from '../../electron/engine/store/activations.ts'
import {
  addAttributions,
  appendAttributions,
  findAttributions,
  strongestPages,
} from '../../electron/engine/store/attributions.ts'
import { bytesOf } from '../../electron/engine/store/bytes.ts'
import { creditOf } from '../../electron/engine/store/credits.ts'
import { addLayout, layoutPositions } from '../../electron/engine/store/layouts.ts'
import { putModel } from '../../electron/engine/store/models.ts'
import {
  findImage,
  imagesByHash,
  listFolders,
  putFolder,
  putPhotographs,
} from '../../electron/engine/store/photographs.ts'
import {
  addSampleSet,
  appendSamples,
  findSampleSet,
  finishSampleSet,
  readSamples,
  type SampleSet,
} from '../../electron/engine/store/samples.ts'
import { command, type Writable } from '../../electron/engine/store/sql.ts'
import { strongestOf } from '../../electron/engine/store/strongest.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { inception } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'
import { temporaryFolder, temporaryProject } from './store/project.ts'

/** As many classes as strongest of both signs are kept would hide the truncation. */
const CLASSES = 100
const classifier: Classifier = {
  ...classifierFrom(inception()),
  hash: createHash('sha256').update('inception').digest('hex'),
  labels: Array.from({ length: CLASSES }, (_, index) => ({ index, synset: '', name: `class ${index}`, synonyms: [] })),
}
const layers = classifier.layers.slice(0, 2)
/** More than a block, so that there are two. */
const SAMPLES = BLOCK + 100
const work = { signal: new AbortController().signal, report: silent, continues: () => {} }

/** A project with made-up samples: one layer behind a ReLU, one that goes below zero. */
function projectWithSamples(
  kept?: number,
  hashOf = (relative: string): string => relative,
): { db: Writable; set: SampleSet; attributions: Float32Array } {
  const db = temporaryProject()
  const { hash, name, file, preprocessing } = classifier
  putModel(db, {
    hash,
    name,
    file,
    beside: null,
    classifier: '',
    seen: 0,
    sidecar: { input: { ...preprocessing } },
    layers: layers.map(layer => ({ ...layer })),
  })
  const folder = putFolder(db, '/photographs', 'photographs')
  const images = putPhotographs(
    db,
    folder,
    ['b.jpg', 'a.jpg', 'c.jpg'].map((relative, i) => ({
      relative,
      class: null,
      status: 'ok',
      hash: hashOf(relative),
      width: 100 + i,
      height: 50 + i,
    })),
  )
  const set = addSampleSet(db, { key: 'set', model: hash, input: null, seed: 7, perImage: 2, images: 'key' }, layers)
  const values = layers.map(({ channels }, l) => {
    const made = normals(l + 1, SAMPLES * channels, 3)
    return l === 0 ? made.map(value => Math.max(0, value)) : made
  })
  appendSamples(
    db,
    set.id,
    0,
    Array.from({ length: SAMPLES }, (_, s) => ({ image: images[s % 3]!, v: s / SAMPLES, u: 1 / (s + 1) })),
    new Map(layers.map(({ name }, l) => [name, values[l]!])),
  )
  const attributions = normals(9, SAMPLES * CLASSES, 1)
  const { name: layer, tensor } = layers[0]!
  const shape = { set: set.id, tensor, layer, kind: 'relaxed-avg', classifier: '', classes: CLASSES } as const
  const matrix = addAttributions(db, kept === undefined ? shape : { ...shape, kept })
  appendAttributions(db, matrix, 0, attributions)
  finishSampleSet(db, set.id, 1)
  return { db, set: findSampleSet(db, 'set')!, attributions }
}

const activations = (db: Writable, set: SampleSet, layer: string): Float32Array => {
  const matrix = findActivations(db, set.id, layer)!
  return Float32Array.from([...float32Pages(db, matrix)].flatMap(page => [...page.values]))
}

async function imported(file: string, into = temporaryProject()) {
  const samples = await openSamplesOf(file, classifier)
  onTestFinished(() => samples.close())
  return { db: into, set: await importSamples(into, samples, classifier, work), samples }
}

describe('a samples file', () => {
  it('brings samples, places and activations into another project, with the loss that it tells', async () => {
    const { db, set } = projectWithSamples()
    const file = join(temporaryFolder(), 'some.samples')
    const { contents, bytes } = await exportSamples(db, set, file, work)
    expect(readFileSync(file).length).toBe(bytes)
    const there = await imported(file)
    expect(there.set).toMatchObject({ n: SAMPLES, seed: 7, perImage: 2, model: classifier.hash })

    const before = readSamples(db, set.id, 0, SAMPLES)
    const after = readSamples(there.db, there.set.id, 0, SAMPLES)
    expect(after.map(({ v, u }) => [v, u])).toEqual(before.map(({ v, u }) => [v, u]))
    // Photographs are numbered as their samples come; nothing of them is known but their size.
    expect(after.slice(0, 4).map(({ image }) => findImage(there.db, image)!)).toMatchObject(
      [1, 2, 3, 1].map(n => ({ relative: `photograph ${n}`, width: 99 + n, height: 49 + n })),
    )
    expect(listFolders(there.db)).toMatchObject([{ path: null, name: 'photographs of some.samples' }])
    for (const name of ['a.jpg', '/photographs']) expect(readFileSync(file).includes(name)).toBe(false)

    for (const [l, layer] of layers.entries()) {
      const [a, b] = [activations(db, set, layer.name), activations(there.db, there.set, layer.name)]
      const [error, power] = [0, 0].map(() => ({ sum: 0 }))
      a.forEach((value, p) => {
        error!.sum += (value - b[p]!) ** 2
        power!.sum += value ** 2
      })
      const { relativeRms, meanCosine } = contents.layers[l]!.loss
      expect(relativeRms).toBeGreaterThan(0)
      expect(relativeRms).toBeLessThan(0.03)
      expect(meanCosine).toBeGreaterThan(0.999)
      // The project rounds what it is given to float16 once more.
      expect(Math.sqrt(error!.sum / power!.sum)).toBeCloseTo(relativeRms, 3)
    }
  })

  it.each([undefined, 30])('keeps the strongest attributions, of a project that kept %s', async kept => {
    const { db, set, attributions } = projectWithSamples(kept)
    const file = join(temporaryFolder(), 'some.samples')
    const { contents } = await exportSamples(db, set, file, work)
    const there = await imported(file)
    const matrix = findAttributions(there.db, there.set.id, layers[0]!.name, 'relaxed-avg', classifierKey(classifier))!
    expect(matrix).toMatchObject({ kept: KEPT, n: SAMPLES, width: CLASSES })
    // A dense matrix is rounded to float16 before the strongest are chosen, a truncated one after.
    const rounded = (values: Float32Array): Float32Array => Float32Array.from(new Float16Array(values))
    const expected = strongestOf(kept === undefined ? rounded(attributions) : attributions, CLASSES, KEPT)
    const found = [...strongestPages(there.db, matrix)][0]!.rows
    expect(Buffer.compare(bytesOf(found.values), bytesOf(rounded(expected.values)))).toBe(0)
    expect(Buffer.compare(bytesOf(found.classes), bytesOf(expected.classes))).toBe(0)
    const { share } = contents.layers[0]!.attribution!
    if (kept !== undefined) expect(share).toBeNull()
    else {
      const magnitude = (values: Float32Array) => values.reduce((sum, value) => sum + Math.abs(value), 0)
      expect(share).toBeCloseTo(magnitude(expected.values) / magnitude(attributions), 3)
    }
    expect(contents.layers[1]!.attribution).toBeNull()
  })

  it('brings the maps that were made of its samples: nobody has to lay them out again', async () => {
    const { db, set } = projectWithSamples()
    const layer = layers[1]!
    const params = { layout: LayoutParams.parse({ neighbours: 7 }), layoutSeed: 3 }
    const positions = Float32Array.from(normals(4, 2 * SAMPLES, 1), value => Math.abs(value) % 1)
    addLayout(
      db,
      {
        ...{
          key: layoutKey(set, layer, params),
          set: set.id,
          tensor: layer.tensor,
          layer: layer.name,
          name: 'a map',
          params: { ...params.layout },
        },
        ...{ seed: 3, n: SAMPLES, trustworthiness: 0.9, notes: { method: 'umap' } },
      },
      positions,
    )
    const file = join(temporaryFolder(), 'some.samples')
    await exportSamples(db, set, file, work)
    const there = await imported(file)
    const layout = existingLayout(there.db, there.set, layer, params)!
    expect(layout).toMatchObject({ name: 'a map', trustworthiness: 0.9, notes: { method: 'umap' } })
    expect(layoutPositions(there.db, layout.id)).toEqual(positions)
    expect(existingLayout(there.db, there.set, layer, { ...params, layoutSeed: 4 })).toBeUndefined()
    expect(existingLayout(there.db, there.set, layers[0]!, params)).toBeUndefined()

    const bad = join(dirname(file), 'bad.samples')
    writeFileSync(
      bad,
      resealed(readFileSync(file), json => json.replace('"layout":0', '"layout":1')),
    )
    await expect(imported(bad)).rejects.toThrow(`it lacks the layout of ${layer.name}`)
  })

  it('is written the same twice, and imported once', async () => {
    const { db, set } = projectWithSamples()
    const folder = temporaryFolder()
    const [one, two] = [join(folder, 'one.samples'), join(folder, 'two.samples')]
    await exportSamples(db, set, one, work)
    await exportSamples(db, set, two, work)
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true)
    const there = await imported(one)
    expect(importedSamples(there.db, there.samples)).toEqual(there.set)
    expect(readdirSync(folder).toSorted()).toEqual(['one.samples', 'two.samples'])
  })

  it('is imported further where it was interrupted, to the same end', async () => {
    const { db, set } = projectWithSamples()
    const file = join(temporaryFolder(), 'some.samples')
    await exportSamples(db, set, file, work)
    const whole = await imported(file)
    const target = temporaryProject()
    const samples = await openSamplesOf(file, classifier)
    onTestFinished(() => samples.close())
    const stop = new AbortController()
    const report = ({ done }: { done: number }) => {
      if (done > 0) stop.abort()
    }
    let continued = false
    const first = importSamples(target, samples, classifier, { ...work, signal: stop.signal, report })
    await expect(first).rejects.toThrow()
    expect(importedSamples(target, samples)).toBeUndefined()
    const done = await importSamples(target, samples, classifier, {
      ...work,
      continues: () => {
        continued = true
      },
    })
    expect(continued).toBe(true)
    expect(done).toMatchObject({ n: SAMPLES, key: whole.set.key })
    expect(listFolders(target).length).toBe(1)
    for (const { name } of layers)
      expect(activations(target, done, name)).toEqual(activations(whole.db, whole.set, name))
    expect(readSamples(target, done.id, 0, SAMPLES)).toEqual(readSamples(whole.db, whole.set.id, 0, SAMPLES))
  })

  describe('with names', () => {
    /** Three files that samples are of, and a samples file that names them. */
    async function named() {
      const bytesOf = (relative: string): string => `the bytes of ${relative}`
      const hashOf = (relative: string): string => createHash('sha256').update(bytesOf(relative)).digest('hex')
      const { db, set } = projectWithSamples(undefined, hashOf)
      const photographs = temporaryFolder()
      const [folder] = listFolders(db)
      for (const relative of ['b.jpg', 'a.jpg', 'c.jpg']) {
        writeFileSync(join(photographs, relative), bytesOf(relative))
        const hash = hashOf(relative)
        putPhotographs(db, folder!.id, [{ relative, class: 'n01440764', status: 'ok', hash, width: 9, height: 8 }])
      }
      const file = join(temporaryFolder(), 'named.samples')
      const { contents } = await exportSamples(db, set, file, work, { names: true })
      return { db, set, file, photographs, contents }
    }
    const into = async (file: string, folder?: string, db = temporaryProject()) => {
      const samples = await openSamplesOf(file, classifier)
      onTestFinished(() => samples.close())
      return { db, samples, set: await importSamples(db, samples, classifier, work, folder) }
    }
    const imagesIn = (db: Writable, set: SampleSet) =>
      readSamples(db, set.id, 0, SAMPLES).map(({ image }) => {
        const found = findImage(db, image)!
        return [found.relative, found.class, found.status === 'ok' && found.hash]
      })

    it('is bound to the very files, which are found again with their authors', async () => {
      const { db, set, file, photographs } = await named()
      writeFileSync(join(photographs, 'ATTRIBUTION.csv'), 'file,author,license\na.jpg,Ada,CC0\n')
      const there = await into(file, photographs)
      expect(listFolders(there.db)).toMatchObject([{ path: photographs }])
      expect(imagesIn(there.db, there.set)).toEqual(imagesIn(db, set))
      const image = imagesByHash(there.db, createHash('sha256').update('the bytes of a.jpg').digest('hex'))[0]!
      expect(image).toMatchObject({ relative: 'a.jpg', width: 9, height: 8 })
      expect(creditOf(there.db, image)).toMatchObject({ author: 'Ada', license: 'CC0', title: '' })
    })

    it('is imported without them as well, and linked later', async () => {
      const { db, set, file, photographs } = await named()
      const there = await into(file)
      expect(listFolders(there.db)).toMatchObject([{ path: null }])
      expect(imagesIn(there.db, there.set)).toEqual(imagesIn(db, set))
      movePlace(there.db, there.set, await findSampled(there.samples, photographs, work.signal))
      expect(placeOfSet(there.db, there.set).path).toBe(photographs)
    })

    it('refuses a folder where one of them is missing or is another file, with the way out', async () => {
      const { file, photographs } = await named()
      writeFileSync(join(photographs, 'c.jpg'), 'another picture')
      await expect(into(file, photographs)).rejects.toThrow(/c\.jpg is another picture than the one that was sampled/)
      rmSync(join(photographs, 'c.jpg'))
      await expect(into(file, photographs)).rejects.toThrow(/c\.jpg: there is no such file.*choose the folder/)
    })

    it('cannot be written where photographs have no hash, nor linked where none were named', async () => {
      const { db, set } = projectWithSamples()
      const folder = temporaryFolder()
      const file = join(folder, 'some.samples')
      await expect(exportSamples(db, set, file, work, { names: true })).rejects.toThrow(/leave --names out/)
      expect(readdirSync(folder)).toEqual([])
      await exportSamples(db, set, file, work)
      expect(readFileSync(file).includes('b.jpg')).toBe(false)
      await expect(into(file, folder)).rejects.toThrow(/does not name them; export it with --names/)
    })

    it.each([
      ['a path that climbs', '../c.jpg'],
      ['an absolute path', '/c.jpg'],
      ['a path that climbs in the other way', '..\\c.jpg'],
      ['the same path twice', 'a.jpg'],
    ])('refuses %s as a name', async (_, relative) => {
      const { db, set, photographs } = await named()
      const image = imagesByHash(db, createHash('sha256').update('the bytes of c.jpg').digest('hex'))[0]!
      const file = join(photographs, 'bad.samples')
      if (relative === 'a.jpg') {
        const twin = putFolder(db, '/elsewhere', 'elsewhere')
        const [id] = putPhotographs(db, twin, [{ ...image, relative }])
        db.write(() =>
          db.run(command<{ id: number; was: number }>('UPDATE samples SET image = @id WHERE image = @was'), {
            id: id!,
            was: image.id,
          }),
        )
        await exportSamples(db, set, file, work, { names: true })
        await expect(into(file)).rejects.toThrow(/do not name each/)
      } else {
        putPhotographs(db, image.folder, [{ ...image, relative }])
        const [row] = imagesByHash(db, image.status === 'ok' ? image.hash : '').filter(one => one.relative === relative)
        db.write(() =>
          db.run(command<{ id: number; was: number }>('UPDATE samples SET image = @id WHERE image = @was'), {
            id: row!.id,
            was: image.id,
          }),
        )
        await expect(exportSamples(db, set, file, work, { names: true })).rejects.toThrow(/not all photographs/)
      }
    })
  })

  it('is refused for another network, with both names', async () => {
    const { db, set } = projectWithSamples()
    const file = join(temporaryFolder(), 'some.samples')
    await exportSamples(db, set, file, work)
    const other = { ...classifier, hash: 'f'.repeat(64), name: 'Other' }
    await expect(openSamplesOf(file, other)).rejects.toThrow(/taken with "inception" \(\w+…\), this is "Other" \(ffff/)
    const cropped: Classifier = { ...classifier, preprocessing: { ...classifier.preprocessing, resize: 'crop' } }
    await expect(openSamplesOf(file, cropped)).rejects.toThrow(/prepared as .*stretch/)
    const fewer = { ...classifier, labels: classifier.labels.slice(1) }
    await expect(openSamplesOf(file, fewer)).rejects.toThrow(/100 classes, the network of 99/)
    const renamed = { ...classifier, layers: [] }
    await expect(openSamplesOf(file, renamed)).rejects.toThrow(`no layer at "${layers[0]!.tensor}"`)
  })

  it('is refused when it is cut off, damaged or something else', async () => {
    const { db, set } = projectWithSamples()
    const file = join(temporaryFolder(), 'some.samples')
    await exportSamples(db, set, file, work)
    const whole = readFileSync(file)
    const bad = join(dirname(file), 'bad.samples')
    const refusal = async (bytes: Uint8Array | string) => {
      writeFileSync(bad, bytes)
      const error = await openSamplesOf(bad, classifier).catch((thrown: Error) => thrown)
      expect(error).toMatchObject({ name: 'UserError' })
      return error instanceof Error ? error.message : ''
    }
    for (const length of [whole.length - 1, whole.length >> 1, 40, 16])
      expect(await refusal(whole.subarray(0, length))).toContain('cut off or damaged')
    for (const at of [20, whole.length >> 1, whole.length - 40, whole.length - 1]) {
      const flipped = Uint8Array.from(whole)
      flipped[at]! ^= 1
      expect(await refusal(flipped)).toContain('cut off or damaged')
    }
    expect(await refusal('')).toContain('not a samples file')
    expect(await refusal('no samples at all, but a long text all the same')).toContain('not a samples file')
    await expect(openSamplesOf(join(dirname(file), 'none'), classifier)).rejects.toThrow('there is no such file')

    const newer = resealed(whole, json => json.replace('"version":3', '"version":9'))
    expect(await refusal(newer)).toContain('newer Portolan (version 9')
    const odd = resealed(whole, json => json.replace('"seed":7', '"seed":-7'))
    expect(await refusal(odd)).toContain('wrong at "seed"')
    const bomb = resealed(whole, json => json.replace(`"samples":${SAMPLES}`, `"samples":${SAMPLES - 1}`))
    writeFileSync(bad, bomb)
    await expect(imported(bad)).rejects.toThrow(/it lacks the samples|are not \d+ bytes/)
  })
})

/** The file with other contents and a hash that is right for them. */
function resealed(whole: Buffer, change: (json: string) => string): Buffer {
  const end = whole.length - 36
  const start = end - whole.readUInt32LE(end)
  const json = Buffer.from(change(whole.subarray(start, end).toString()))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const body = Buffer.concat([whole.subarray(0, start), json, length])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}
