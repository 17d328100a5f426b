import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { pictureGraph } from '../../electron/engine/inversion/readout.ts'
import { spectraOf } from '../../electron/engine/inversion/spectrum-of.ts'
import { blurredMean } from '../../electron/engine/inversion/start-picture.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { normals } from '../fixtures/random.ts'

const SIZE = 40
let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const crop = (seed: number): Uint8Array =>
  Uint8Array.from(normals(seed, 3 * SIZE ** 2), value => Math.min(255, Math.max(0, Math.round(128 + 60 * value))))

describe('the picture that an icon starts from', () => {
  test('keeps the mean of crops of one colour, and a single colour to its edges', () => {
    const plain = (value: number) => new Uint8Array(3 * SIZE ** 2).fill(value)
    for (const value of blurredMean([plain(0), plain(51), plain(204)], SIZE, 9)) expect(value).toBeCloseTo(1 / 3, 6)
  })

  test('is a Gaussian around a single bright pixel, alike along both axes', () => {
    const bright = new Uint8Array(3 * SIZE ** 2)
    const at = (y: number, x: number) => 3 * (y * SIZE + x)
    bright[at(20, 20)] = 255
    const blurred = blurredMean([bright], SIZE, 3)
    expect(blurred[at(20, 23)]! / blurred[at(20, 20)]!).toBeCloseTo(Math.exp(-0.5), 4)
    expect(blurred[at(23, 20)]).toBeCloseTo(blurred[at(20, 23)]!, 7)
    expect(blurred[at(20, 20) + 1]).toBe(0)
  })

  test.each([undefined, PRESETS.atlas.inversion.image])(
    'is what its spectrum gives back, in every icon',
    async image => {
      const pictures = new Float32Array(2 * 3 * SIZE ** 2)
      pictures.set(blurredMean([crop(1), crop(2), crop(3)], SIZE, 2), 0)
      pictures.set(blurredMean([crop(4), crop(5), crop(6)], SIZE, 9), 3 * SIZE ** 2)
      const program = await runtime.load(pictureGraph(SIZE, 2, image))
      const [result] = Object.values(await program.run({ spectrum: spectraOf(pictures, SIZE, 2, image) }))
      const data = result!.data as Float32Array
      await program.release()
      let worst = 0
      for (let pixel = 0; pixel < SIZE ** 2; pixel++)
        for (let icon = 0; icon < 2; icon++)
          for (let c = 0; c < 3; c++) {
            const expected = pictures[icon * 3 * SIZE ** 2 + 3 * pixel + c]!
            worst = Math.max(worst, Math.abs(data[6 * pixel + 3 * icon + c]! - expected))
          }
      expect(worst).toBeLessThan(1e-4)
    },
  )
})
