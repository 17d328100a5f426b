import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PatchLook, placementAt } from '../../electron/contract/placement.ts'
import { loadLogits } from '../../electron/engine/model/classify.ts'
import { BYTES } from '../../electron/engine/model/preprocess.ts'
import { frameClassifier, readingOf, trialReadings } from '../../electron/engine/patch/classify.ts'
import { backgroundOf, compose, fullBackgroundOf } from '../../electron/engine/patch/compose.ts'
import { isTransparent, namedBytes, readPatch } from '../../electron/engine/patch/picture.ts'
import { crossingsOf, sweepReadings } from '../../electron/engine/patch/sweep/positions.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom, edgeOf } from '../fixtures/classifier.ts'
import { photograph } from '../fixtures/images.ts'
import { inception } from '../fixtures/networks.ts'

let folder: string
let runtime: Runtime
const path = (name: string): string => join(folder, name)
const plain = (width: number, height: number, alpha = 1) =>
  sharp({ create: { width, height, channels: 4, background: { r: 220, g: 40, b: 10, alpha } } })
const classifier = classifierFrom(inception())
const look = PatchLook.parse({ aspect: 'square' })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-patch-'))
  runtime = await createCpuRuntime({ threads: 1 })
  await plain(30, 20).png().toFile(path('patch.png'))
  await plain(30, 20, 0).png().toFile(path('clear.png'))
  await sharp({ create: { width: 9000, height: 8000, channels: 3, background: 'red' } })
    .png()
    .toFile(path('huge.png'))
  await sharp({ create: { width: 3000, height: 1000, channels: 3, background: 'red' } })
    .jpeg()
    .toFile(path('large.jpg'))
  await writeFile(path('empty.png'), '')
  await writeFile(path('corrupt.png'), (await plain(90, 90).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 900))
  // A header that states a width of 0.
  const flat = await plain(4, 4).png().toBuffer()
  flat.writeUInt32BE(0, 16)
  await writeFile(path('flat.png'), flat)
  await photograph(97, 61, 1).png().toFile(path('photo.png'))
  await photograph(9, 7, 2).png().toFile(path('small.png'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

describe('files to paste', () => {
  it('are refused in a sentence when they cannot be decoded', async () => {
    await expect(readPatch(path('empty.png'))).rejects.toThrow(
      /cannot use ".*empty\.png" as a patch: the file is empty; choose a PNG, JPEG or WebP that other programs open/,
    )
    await expect(readPatch(path('corrupt.png'))).rejects.toThrow(/corrupt\.png" as a patch: the file is cut off/)
    await expect(readPatch(path('flat.png'))).rejects.toThrow(/flat\.png" as a patch: its picture data are damaged/)
    await expect(readPatch(path('huge.png'))).rejects.toThrow(
      /huge\.png" as a patch: it is 9000 × 8000 pixels, and a patch may have 50 million; save it smaller/,
    )
    await expect(readPatch(path('clear.png'))).rejects.toThrow(/clear\.png" as a patch: all of it is transparent/)
    await expect(readPatch(path('nowhere.png'))).rejects.toThrow(/there is no such file/)
    expect(() => namedBytes('the clipboard', new Uint8Array())).toThrow('"the clipboard" as a patch: it is empty')
  })

  it('keep transparency, and are kept at 1,024 pixels at most', async () => {
    const large = await readPatch(path('large.jpg'))
    expect([large.width, large.height, isTransparent(large)]).toEqual([1024, 341, false])
    const glass = await readPatch(namedBytes('glass', await plain(4, 4, 0.5).png().toBuffer()))
    expect([...glass.rgba.subarray(0, 4)]).toEqual([220, 40, 10, 128])
    expect(isTransparent(glass)).toBe(true)
  })
})

describe('what is shown', () => {
  it('is what is classified, pixel for pixel', async () => {
    const picture = await readPatch(path('patch.png'))
    const background = await backgroundOf(classifier, path('photo.png'))
    const placed = placementAt({ patch: 1, look, size: 0.4, place: { x: 0.3, y: 1 } }, picture, background.original)
    const patches = [{ ...placed, rotation: 30 }]
    const pictures = new Map([[1, { ...picture, name: 'patch.png' }]])
    const shown = compose(background, patches, pictures)
    const net = await frameClassifier(classifier, runtime)
    let piped: Float32Array | undefined
    const recorded = { ...net, logits: async (rgb: Uint8Array) => (piped = await net.logits(rgb)) }
    const options = { pictures, sizes: 1, source: 1, target: 2, batch: 4 }
    const [[reading] = []] = await Array.fromAsync(
      trialReadings(recorded, [{ tag: { trial: 7 }, background, patches }], options),
    )
    // The picture as a reader would have it, through a file, into the network by the plain way.
    const file = await sharp(shown.rgb, { raw: { width: shown.width, height: shown.height, channels: 3 } })
      .png()
      .toBuffer()
    const { data } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
    const size = edgeOf(classifier)
    const plainly = await (await loadLogits(classifier, runtime)).run({
      [BYTES]: { type: 'uint8', dims: [1, size, size, 3], data: new Uint8Array(data) },
    })
    expect(piped).toEqual(plainly[classifier.logits]!.data)
    expect(reading).toEqual({ trial: 7, ...readingOf(classifier, piped!, 0, 1, 2) })
  })

  it('is the same at the photograph’s own size', async () => {
    const picture = await readPatch(path('patch.png'))
    const full = await fullBackgroundOf(classifier, path('photo.png'))
    expect([full.width, full.height]).toEqual([97, 61])
    const placed = placementAt({ patch: 1, look, size: 0.5, place: { x: 1, y: 0 } }, picture, full.original)
    const { rgb, width } = compose(full, [placed], new Map([[1, { ...picture, name: 'patch.png' }]]))
    const at = (x: number, y: number) => [...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]
    expect(at(96, 0)).toEqual([220, 40, 10])
    expect(at(96 - 47, 29)).toEqual([220, 40, 10])
    expect(at(96 - 50, 29)).not.toEqual([220, 40, 10])
    expect(at(96, 31)).not.toEqual([220, 40, 10])
  })

  it('may be a photograph that is smaller than the network’s input', async () => {
    const background = await backgroundOf(classifier, path('small.png'))
    expect(background.rgb.length).toBe(3 * edgeOf(classifier) ** 2)
    expect(background.original).toEqual({ width: 9, height: 7 })
  })
})

describe('a sweep', () => {
  it('reads every size and position once, and agrees with one composition at a time', async () => {
    const picture = await readPatch(path('patch.png'))
    const background = await backgroundOf(classifier, path('photo.png'))
    const net = await frameClassifier(classifier, runtime)
    const order = { background, patch: 1, picture, look, source: 1, target: 2, sizes: [0, 0.3, 0.6], positions: 3 }
    const readings = (await Array.fromAsync(sweepReadings(net, order))).flat()
    expect(readings.map(({ size, position }) => [size, position])).toEqual([
      [-1, -1],
      ...[0, 1, 2].flatMap(size => Array.from({ length: 9 }, (_, position) => [size, position])),
    ])
    const [before] = readings
    for (const { size, position, ...reading } of readings.filter(each => each.size === 0))
      expect(reading.targetLogit).toBeCloseTo(before!.targetLogit, 4)
    const placed = placementAt({ patch: 1, look, size: 0.6, place: { x: 0.5, y: 1 } }, picture, background.original)
    const { rgb } = compose(background, [placed], new Map([[1, { ...picture, name: 'x' }]]))
    const alone = readingOf(classifier, await net.logits(rgb), 0, 1, 2)
    const swept = readings.find(({ size, position }) => size === 2 && position === 7)!
    expect(swept.winner).toBe(alone.winner)
    expect(swept.targetLogit).toBeCloseTo(alone.targetLogit, 4)
    const rest = (await Array.fromAsync(sweepReadings(net, order, undefined, 2))).flat()
    expect(rest).toHaveLength(9)
    for (const [k, reading] of rest.entries()) expect(reading.targetLogit).toBeCloseTo(readings[19 + k]!.targetLogit, 4)
  })

  it('ends when it is cancelled', async () => {
    const picture = await readPatch(path('patch.png'))
    const background = await backgroundOf(classifier, path('photo.png'))
    const net = await frameClassifier(classifier, runtime)
    const controller = new AbortController()
    const order = { background, patch: 1, picture, look, source: 1, target: 2, sizes: [0.1, 0.2, 0.3], positions: 8 }
    const reading = sweepReadings(net, order, controller.signal)
    await reading.next()
    controller.abort()
    await expect(Array.fromAsync(reading)).rejects.toThrow(/abort/)
  })

  it('reports where another class begins to win', () => {
    // Two positions along each edge; three sizes. Class 7 before.
    const winners = [7, 7, 7, 7, 7, 3, 7, 3, 5, 3, 7, -1]
    expect(crossingsOf(winners, [0.1, 0.2, 0.3], 2, 7)).toEqual([
      { row: 0, column: 0, size: 0.3, from: 7, to: 5 },
      { row: 0, column: 1, size: 0.2, from: 7, to: 3 },
      { row: 1, column: 1, size: 0.2, from: 7, to: 3 },
    ])
  })
})
