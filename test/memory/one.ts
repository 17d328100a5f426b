/**
 * Makes steps of inversions on one runtime, in a process of its own, and reports how large the process is meanwhile: each
 * sample is one line of JSON on stdout. With node --expose-gc garbage is collected before every sample.
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Inversion } from '../../electron/contract/inversion.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { wholeFrame } from '../fixtures/inversions.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'
import { watch, watchedRuntime } from './watched.ts'

const whole = z.coerce.number().int().positive()
const { values } = parseArgs({
  options: {
    runtime: { type: 'string' },
    /** A small network of the tests where there is none. */
    model: { type: 'string' },
    layer: { type: 'string' },
    /** Of each inverter. */
    steps: { type: 'string' },
    /** Made, used and released one after the other. */
    inverters: { type: 'string', default: '1' },
    /** Steps between two samples. */
    every: { type: 'string' },
  },
})
const options = z
  .object({
    runtime: z.enum(['cpu', 'webgpu', 'tensorflow']),
    model: z.string().optional(),
    layer: z.string().optional(),
    steps: whole,
    inverters: whole,
    every: whole,
  })
  .parse(values)

const small = options.model === undefined
const classifier = small ? classifierFrom(networks.plain()) : await loadClassifier(options.model!)
const layer = options.layer === undefined ? classifier.layers.at(-1)! : findLayer(classifier, options.layer)
const inversion: Inversion = {
  ...PRESETS.notebook.inversion,
  // The notebook's crop leaves the deepest layers of a large network no unit of a small icon. Sizes differ from step
  // to step in any case.
  transforms: wholeFrame,
  ...{ steps: options.steps, size: small ? 32 : 64, batch: 2, tries: 1 },
  objective: { ...PRESETS.notebook.inversion.objective, whiten: false },
}
const directions = normals(14, inversion.batch * layer.channels, 1).map(Math.abs)

const runtime = await watchedRuntime(options.runtime, options.every)
let step = 0
let optimising = false
using _ = watch(holding => {
  // After the last step come pictures and verdicts, with programs of their own.
  if (optimising) process.stdout.write(`${JSON.stringify({ step, ...holding })}\n`)
})
for (let i = 0; i < options.inverters; i++) {
  const inverter = await Inverter.create(classifier, runtime, layer, inversion)
  optimising = true
  await inverter.invert(directions, {
    seed: i,
    report: ({ done, total }) => {
      step++
      optimising = done < total
    },
  })
  await inverter.release()
}
await runtime.close()
