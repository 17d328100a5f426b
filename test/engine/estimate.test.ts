import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AtlasParams } from '../../electron/contract/build.ts'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import { estimateBuild } from '../../electron/engine/atlas/estimate.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { inception } from '../fixtures/networks.ts'

/** An estimate is made while a job has the machine: each of its runs waits for a long run of the job. */
let classifier: Classifier
let cpu: Runtime
beforeAll(async () => {
  classifier = classifierFrom(inception())
  cpu = await createCpuRuntime({ threads: 1 })
})
afterAll(() => cpu.close())

const params = (preset: keyof typeof PRESETS): AtlasParams => ({
  layers: [classifier.layers[0]!.name],
  positionsPerImage: 3,
  seed: 0,
  layout: LayoutParams.parse({}),
  layoutSeed: 0,
  grids: [2],
  minSamples: 1,
  attribution: 'exact',
  ridge: 1e-3,
  preset,
  inversion: PRESETS[preset].inversion,
})

/** The CPU, with something before each run. */
const preceded = (run: () => Promise<unknown>): Runtime => ({
  identity: cpu.identity,
  shards: async () => [preceded(run)],
  close: async () => {},
  load: async (graph, options) => {
    const program = await cpu.load(graph, options)
    return { ...program, run: async (...given) => run().then(() => program.run(...given)) }
  },
})

describe('the estimate of a build', () => {
  test.each(['atlas', 'notebook'] as const)(
    'times a few steps of %s, and finishes and judges no icon',
    async preset => {
      let runs = 0
      const counted = preceded(async () => runs++)
      const { seconds } = await estimateBuild(
        {
          classifier,
          runtime: counted,
          layers: classifier.layers.slice(0, 1),
          params: params(preset),
          photographs: 10,
        },
        new AbortController().signal,
      )
      expect(seconds.icons).toBeGreaterThan(0)
      expect(seconds.samples).toBeGreaterThan(0)
      // Two passes, of which the first prepares, and four steps.
      expect(runs).toBe(2 + 4)
    },
    60_000,
  )

  test.each([0, 1, 2, 4])(
    'ends when its time is over, while run %i never comes to its turn',
    async held => {
      let runs = 0
      const gone = new Error('its time is over')
      const over = new AbortController()
      const stuck = preceded(async () => (runs++ < held ? undefined : new Promise(() => {})))
      const layers = classifier.layers.slice(0, 1)
      const order = { classifier, runtime: stuck, layers, params: params('atlas'), photographs: 10 }
      const estimate = estimateBuild(order, over.signal)
      while (runs <= held) await wait(5)
      over.abort(gone)
      await expect(estimate).rejects.toBe(gone)
    },
    60_000,
  )
})
