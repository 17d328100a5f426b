import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { existingLayout, layoutKey } from '../../electron/engine/atlas/layout.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { classifierKey } from '../../electron/engine/registry/enter.ts'
import { KEPT } from '../../electron/engine/samples-file/contents.ts'
import { exportSamples } from '../../electron/engine/samples-file/export.ts'
import { importedSamples, importSamples, openSamplesOf } from '../../electron/engine/samples-file/import.ts'
import { findActivations, float32Pages } from '../../electron/engine/store/activations.ts'
import { findAttributions, strongestPages } from '../../electron/engine/store/attributions.ts'
import { bytesOf } from '../../electron/engine/store/bytes.ts'
import { addLayout, layoutPositions } from '../../electron/engine/store/layouts.ts'
import { findImage, listFolders } from '../../electron/engine/store/photographs.ts'
import { readSamples, type SampleSet } from '../../electron/engine/store/samples.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { strongestOf } from '../../electron/engine/store/strongest.ts'
import {
  CLASSES,
  classifier,
  imported,
  layers,
  projectWithSamples,
  SAMPLES,
  work,
} from '../fixtures/made-up-samples.ts'
import { normals } from '../fixtures/random.ts'
import { temporaryFolder, temporaryProject } from './store/project.ts'

const activations = (db: Writable, set: SampleSet, layer: string): Float32Array => {
  const matrix = findActivations(db, set.id, layer)!
  return Float32Array.from([...float32Pages(db, matrix)].flatMap(page => [...page.values]))
}

describe('a samples file', () => {
  it('brings samples, places and activations into another project, with the loss that it reports', async () => {
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

  it('brings the maps that were made of its samples: they are not laid out again', async () => {
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

  it('resumes an interrupted import, to the same result', async () => {
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

  it('is refused for another network, with both names', async () => {
    const { db, set } = projectWithSamples()
    const file = join(temporaryFolder(), 'some.samples')
    await exportSamples(db, set, file, work)
    const other = { ...classifier, hash: 'f'.repeat(64), name: 'Other' }
    await expect(openSamplesOf(file, other)).rejects.toThrow(/are of "inception" \(\w+…\), this is "Other" \(ffff/)
    const cropped: Classifier = { ...classifier, preprocessing: { ...classifier.preprocessing, resize: 'crop' } }
    await expect(openSamplesOf(file, cropped)).rejects.toThrow(/preprocessing was .*stretch/)
    const fewer = { ...classifier, labels: classifier.labels.slice(1) }
    await expect(openSamplesOf(file, fewer)).rejects.toThrow(/100 classes, the network has 99/)
    const renamed = { ...classifier, layers: [] }
    await expect(openSamplesOf(file, renamed)).rejects.toThrow(`no layer at "${layers[0]!.tensor}"`)
  })

  it('is refused when it is truncated, damaged or another kind of file', async () => {
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
      expect(await refusal(whole.subarray(0, length))).toContain('truncated or damaged')
    for (const at of [20, whole.length >> 1, whole.length - 40, whole.length - 1]) {
      const flipped = Uint8Array.from(whole)
      flipped[at]! ^= 1
      expect(await refusal(flipped)).toContain('truncated or damaged')
    }
    expect(await refusal('')).toContain('not a samples file')
    expect(await refusal('no samples at all, but a long text all the same')).toContain('not a samples file')
    await expect(openSamplesOf(join(dirname(file), 'none'), classifier)).rejects.toThrow('the file does not exist')

    const newer = resealed(whole, json => json.replace(/"version":\d+/, '"version":99'))
    expect(await refusal(newer)).toContain('newer Portolan (version 99')
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
