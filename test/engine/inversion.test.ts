import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Inversion, PresetNameSchema } from '../../electron/contract/inversion.ts'
import { FROM_PHOTOGRAPHS, PRESETS } from '../../electron/contract/presets.ts'
import { sizedFor } from '../../electron/engine/inversion/frame.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import { withAvailable } from '../../electron/engine/inversion/statistics.ts'
import type { Layer } from '../../electron/engine/model/classifier.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { quick } from '../fixtures/inversions.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 2, maxSessions: 4 })
})
afterAll(() => runtime.close())

const directionsOf = (layer: Layer, count: number, seed = 1): Float32Array =>
  normals(seed, count * layer.channels).map(Math.abs)

describe.each(Object.values(networks).map(network => network({ channels: 16 })))(
  'a network of the family $graph.name',
  network => {
    test('is inverted at its last layer: the activations of the icons match the directions', async () => {
      const classifier = classifierFrom(network)
      const layer = classifier.layers.at(-1)!
      const directions = directionsOf(layer, 3)
      const fidelity = async (steps: number): Promise<number> => {
        const inverter = await Inverter.create(classifier, runtime, layer, { ...quick, steps })
        const icons = await inverter.invert(directions, { seed: 0 })
        await inverter.release()
        return icons.reduce((sum, icon) => sum + icon.fidelity / icons.length, 0)
      }
      expect(await fidelity(40)).toBeGreaterThan((await fidelity(1)) + 0.02)
    })
  },
)

describe('an inversion', () => {
  const classifier = classifierFrom(networks.inception({ channels: 16 }))
  const layer = classifier.layers.at(-1)!
  const inversion = { ...quick, steps: 6 }
  const invert = async (directions: Float32Array, seed = 0, changed: Partial<Inversion> = {}, mean?: Float32Array) => {
    const inverter = await Inverter.create(classifier, runtime, layer, { ...inversion, ...changed })
    const icons = await inverter.invert(directions, { seed, mean })
    await inverter.release()
    return icons
  }

  test('gives the same bytes for the same seed and others for another', async () => {
    const directions = directionsOf(layer, 3)
    const [a, b, c] = [await invert(directions), await invert(directions), await invert(directions, 1)]
    expect(b.map(icon => icon.rgb)).toEqual(a.map(icon => icon.rgb))
    expect(c[0]!.rgb).not.toEqual(a[0]!.rgb)
  })

  test('does not depend on the other directions of the batch', async () => {
    const directions = directionsOf(layer, 3)
    const turned = new Float32Array(directions.length)
    for (let row = 0; row < 3; row++)
      turned.set(directions.subarray(row * layer.channels, (row + 1) * layer.channels), (2 - row) * layer.channels)
    const [together, otherwise] = [await invert(directions), await invert(turned)]
    const [alone] = await invert(directions.subarray(layer.channels, 2 * layer.channels))
    expect(otherwise.toReversed().map(icon => icon.rgb)).toEqual(together.map(icon => icon.rgb))
    expect(alone!.rgb).toEqual(together[1]!.rgb)
  })

  test('of several tries keeps the one with the largest last objective', async () => {
    const directions = directionsOf(layer, 3)
    const [once, thrice] = [await invert(directions), await invert(directions, 0, { tries: 3 })]
    for (const [icon, { objective }] of thrice.entries())
      expect(objective).toBeGreaterThanOrEqual(once[icon]!.objective)
    expect(thrice.some((icon, i) => icon.objective > once[i]!.objective)).toBe(true)
  })

  describe('from photographs', () => {
    const width = 3 * quick.size ** 2
    const pictures = normals(8, 3 * width).map(value => 0.5 + 0.1 * Math.tanh(value))
    const from = async (directions: Float32Array, starts: Float32Array | 'noise' | undefined, batch = quick.batch) => {
      const inverter = await Inverter.create(classifier, runtime, layer, {
        ...inversion,
        batch,
        start: FROM_PHOTOGRAPHS,
      })
      try {
        return await inverter.invert(directions, { seed: 0, starts })
      } finally {
        await inverter.release()
      }
    }

    test('gives other icons than from noise, the same each time, and each from its own picture', async () => {
      const directions = directionsOf(layer, 3)
      const [noise, a, b] = [
        await invert(directions),
        await from(directions, pictures),
        await from(directions, pictures),
      ]
      expect(b.map(icon => icon.rgb)).toEqual(a.map(icon => icon.rgb))
      for (const [icon, { rgb }] of a.entries()) expect(rgb).not.toEqual(noise[icon]!.rgb)
      const second = directions.subarray(layer.channels, 2 * layer.channels)
      const [alone] = await from(second, pictures.subarray(width, 2 * width))
      expect(alone!.rgb).toEqual(a[1]!.rgb)
      const [another] = await from(second, pictures.subarray(0, width))
      expect(another!.rgb).not.toEqual(a[1]!.rgb)
    })

    test('is from noise on request, and throws without pictures or that request', async () => {
      const directions = directionsOf(layer, 2)
      const [noise, requested] = [await invert(directions), await from(directions, 'noise')]
      expect(requested.map(icon => icon.rgb)).toEqual(noise.map(icon => icon.rgb))
      await expect(from(directions, undefined)).rejects.toThrow(/pictures to start from/)
      await expect(from(directions, pictures)).rejects.toThrow(/as many pictures/)
    })
  })

  test.each(PresetNameSchema.options)('runs with the %s preset', async preset => {
    const whole = withAvailable(PRESETS[preset].inversion, { moment: false, mean: true })
    const mean = new Float32Array(layer.channels).fill(0.1)
    for (const icon of await invert(directionsOf(layer, 2), 0, { ...whole, steps: 2, tries: 1, batch: 2 }, mean)) {
      expect(icon.rgb).toHaveLength(3 * icon.size ** 2)
      expect(icon.size).toBe(sizedFor(whole, layer).size)
      expect(Number.isFinite(icon.objective)).toBe(true)
      expect(Math.abs(icon.robustFidelity)).toBeLessThanOrEqual(1)
    }
  })

  test('refuses to centre without the mean activation of the layer', async () => {
    await expect(invert(directionsOf(layer, 1), 0, { ...PRESETS.draft.inversion, steps: 1, batch: 1 })).rejects.toThrow(
      /mean activation/,
    )
  })

  test('is closer to its direction with draft than with as many steps of the notebook', async () => {
    const directions = directionsOf(layer, 3)
    const mean = new Float32Array(layer.channels)
    const fidelity = async (changed: Partial<Inversion>): Promise<number> => {
      const icons = await invert(directions, 0, { ...changed, steps: 24, batch: 3 }, mean)
      return icons.reduce((sum, icon) => sum + icon.fidelity / icons.length, 0)
    }
    const notebook = withAvailable(PRESETS.notebook.inversion, { moment: false, mean: false })
    expect(await fidelity(PRESETS.draft.inversion)).toBeGreaterThan(await fidelity(notebook))
  })

  test('may send gradients through ReLUs that are off, in the first steps', async () => {
    const directions = directionsOf(layer, 2)
    const [plain, redirected] = [await invert(directions), await invert(directions, 0, { redirect: true })]
    expect(redirected.every(icon => Number.isFinite(icon.objective))).toBe(true)
    expect(redirected).toHaveLength(plain.length)
  })

  test('that stays grey is restarted with other seeds, and reported as grey', async () => {
    const [icon] = await invert(directionsOf(layer, 1), 0, { steps: 1, learningRate: 1e-9 })
    expect(icon).toMatchObject({ status: 'grey', starts: 3 })
  })

  test('that diverges is reported as non-finite', async () => {
    const [icon] = await invert(new Float32Array(layer.channels).fill(Number.NaN), 0, { steps: 2 })
    expect(icon).toMatchObject({ status: 'non-finite', starts: 3 })
  })

  test('is cancelled between two steps', async () => {
    const inverter = await Inverter.create(classifier, runtime, layer, { ...inversion, steps: 10_000 })
    const cancel = new AbortController()
    const steps: number[] = []
    const icons = inverter.invert(directionsOf(layer, 1), {
      seed: 0,
      signal: cancel.signal,
      report: ({ done }) => {
        steps.push(done)
        if (done === 5) cancel.abort()
      },
    })
    await expect(icons).rejects.toThrow(/abort/i)
    expect(steps.at(-1)).toBe(5)
    await inverter.release()
  })
})
