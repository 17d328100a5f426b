import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../electron/contract/errors.ts'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { EXACT } from '../../electron/engine/autodiff/options.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import type { Classifier, Layer } from '../../electron/engine/model/classifier.ts'
import { loadLogits } from '../../electron/engine/model/classify.ts'
import { readModel } from '../../electron/engine/model/file.ts'
import { atInputSize } from '../../electron/engine/model/free-size.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { BYTES, prepare } from '../../electron/engine/model/preprocess.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { float32, type Tensor } from '../../electron/engine/onnx/tensor.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import type { Outcome } from './results.ts'

/** What `export.py` writes of a network beside its exports. */
const Reference = z.object({
  name: z.string(),
  edge: z.int(),
  exports: z.record(z.string(), z.string().nullable()),
  /** Of exports that failed, torch's message. */
  errors: z.record(z.string(), z.string()).default({}),
  classes: z.tuple([z.int(), z.int(), z.int()]),
  parameters: z.int(),
  /** [2, classes], by torch in double precision. */
  logits: z.array(z.array(z.number())),
  /** How far single precision moves the gradient by the image in torch, as a share of its largest number. */
  rounding: z.number(),
  modules: z.array(
    z.object({
      name: z.string(),
      /** Channels, height, width. */
      shape: z.tuple([z.int(), z.int(), z.int()]),
      /** Row and column of one position. */
      at: z.tuple([z.int(), z.int()]),
      /** Of the first channels there, in the first image. */
      activation: z.array(z.number()),
      /** Gradient × activation there, to each of `classes`. */
      attribution: z.array(z.number()),
      /** How far single precision moves them in torch, as a share of the largest. */
      rounding: z.number(),
    }),
  ),
})
type Reference = z.infer<typeof Reference>

export const readReference = (folder: string, stem: string): Reference =>
  Reference.parse(JSON.parse(readFileSync(join(folder, `${stem}.json`), 'utf8')))

/** An activation is the module's if they agree to this share of the largest. */
const SAME = 1e-3

/**
 * Holds what Portolan computes for one export against torch.
 * @param stem of the files that `export.py` wrote
 */
export async function checkExport(folder: string, stem: string, exporter: string, runtime: Runtime): Promise<Outcome> {
  const reference = readReference(folder, stem)
  const file = reference.exports[exporter]
  if (!file) return { refused: `torch does not export it: ${reference.errors[exporter] ?? 'it gives no reason'}` }
  try {
    const model = await readModel(join(folder, file))
    const sidecar = proposeSidecar(model)
    const classifier = classifierOf(model, { ...sidecar, input: { ...sidecar.input, ...EXPECTED } })
    const bytes = new Uint8Array(readFileSync(join(folder, `${stem}.bytes`)))
    const logits = await logitsOf(classifier, runtime, bytes, reference)
    const { rounding, ...found } = await attributionError(classifier, runtime, bytes, reference)
    return {
      logits: farthest(logits, reference.logits.flat()),
      gradient: await gradientError(classifier, runtime, bytes, reference, join(folder, `${stem}.gradient`)),
      ...found,
      rounding: Math.max(rounding, reference.rounding),
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { refused: error.message.replaceAll(file, 'it').replaceAll(join(folder, file), 'it') }
  }
}

/** The preprocessing of the images in `export.py`. */
const EXPECTED = {
  channels: 'RGB',
  range: [0, 1],
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const satisfies Partial<Classifier['preprocessing']>

/** The largest difference as a share of the largest expected number. */
function farthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let [most, difference] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(expected[i]!))
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!))
  }
  // Of a layer whose positions nothing reads, such as the tokens beside a class token, all are 0; behind a softmax that
  // is 1 at one place they are so in double precision only.
  return difference === 0 ? 0 : most === 0 ? 1 : difference / most
}

async function once(runtime: Runtime, graph: Graph, feeds: Readonly<Record<string, Tensor>>) {
  const program = await runtime.load(graph)
  try {
    return await program.run(feeds)
  } finally {
    await program.release()
  }
}

async function logitsOf(classifier: Classifier, runtime: Runtime, bytes: Uint8Array, { edge }: Reference) {
  const program = await loadLogits(classifier, runtime)
  try {
    const results = await program.run({ [BYTES]: { type: 'uint8', dims: [2, edge, edge, 3], data: bytes } })
    return Array.from(Object.values(results)[0]!.data, Number)
  } finally {
    await program.release()
  }
}

/** Of one logit by the image, in reverse mode. */
async function gradientError(
  classifier: Classifier,
  runtime: Runtime,
  bytes: Uint8Array,
  { edge, classes }: Reference,
  expected: string,
): Promise<number> {
  const { input, logits, labels } = classifier
  const back = lower(
    gradient(atInputSize(classifier, [logits]), { ...EXACT, of: logits, seed: 'upstream', wrt: [input] }),
  )
  const one = float32([1, labels.length])
  one.data[classes[1]] = 1
  const image = float32([1, 3, edge, edge], prepare(bytes.subarray(0, 3 * edge * edge), classifier.preprocessing))
  const results = await once(runtime, back, { [input]: image, upstream: one })
  const raw = readFileSync(expected)
  const actual = Array.from(results[gradientOf(input)]!.data, Number)
  return farthest(actual, new Float32Array(new Uint8Array(raw).buffer))
}

/** Of the proposed layers that torch has under the same name: how many, and the largest difference in forward mode. */
async function attributionError(
  classifier: Classifier,
  runtime: Runtime,
  bytes: Uint8Array,
  { edge, classes, modules }: Reference,
): Promise<Pick<Extract<Outcome, { logits: number }>, 'attribution' | 'layers' | 'named' | 'rounding'>> {
  const pairs = classifier.layers.flatMap(layer => {
    const module = modules.find(
      ({ name, shape }) => name === layer.name && shape.join() === [layer.channels, layer.height, layer.width].join(),
    )
    return module === undefined ? [] : [{ layer, module }]
  })
  let [worst, named, rounding] = [0, 0, 0]
  for (const { layer, module } of pairs) {
    const [y, x] = module.at
    const { activations, attributions } = await unitOf(classifier, runtime, layer, bytes, edge, y * layer.width + x)
    if (farthest(activations.subarray(0, module.activation.length), module.activation) > SAME) continue
    named++
    rounding = Math.max(rounding, module.rounding)
    const own = classes.map(index => attributions[index]!)
    worst = Math.max(worst, farthest(own, module.attribution))
  }
  return { attribution: named > 0 ? worst : null, layers: classifier.layers.length, named, rounding }
}

async function unitOf(
  classifier: Classifier,
  runtime: Runtime,
  layer: Layer,
  bytes: Uint8Array,
  edge: number,
  unit: number,
) {
  const attributor = await createAttributor(classifier, runtime, [layer])
  try {
    const units = new Map([[layer.name, [unit]]])
    const image = bytes.subarray(0, 3 * edge * edge)
    return (await attributor.run(image, { imageOf: [0], units })).get(layer.name)!
  } finally {
    await attributor.release()
  }
}
