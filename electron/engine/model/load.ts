import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { simplify } from '../onnx/fold.ts'
import { extract, type Graph, int, type ValueInfo } from '../onnx/graph.ts'
import { requireBounded } from '../onnx/limits.ts'
import { inferShapes, ShapeMisfit } from '../onnx/shapes.ts'
import { float32 } from '../onnx/tensor.ts'
import type { Classifier, Label } from './classifier.ts'
import { type ModelFile, readModel } from './file.ts'
import { requireFiniteWeights } from './finite.ts'
import { namelessLabels, parseLabels, readLabels } from './label-file.ts'
import { measuredLayers } from './layers.ts'
import { withOwnNames } from './names.ts'
import { inSinglePrecision } from './precision.ts'
import { type Extent, inputSize, type Probabilities, readSidecar, type Sidecar, sidecarPath } from './sidecar.ts'
import { requireKnownOperators } from './supported.ts'
import { imageInput, inColour, widen } from './widen.ts'

/**
 * Loads `NAME.onnx` with `NAME.model.json` and the labels beside it.
 * @throws UserError when a file is missing or wrong, or they do not go together
 */
export async function loadClassifier(file: string): Promise<Classifier> {
  const model = await readModel(file)
  const sidecar = await readSidecar(file)
  return preparedClassifier(model, sidecar, await labelsBeside(file, sidecar))
}

/** The classes that a sidecar lists or has in a file beside the model; undefined where it names none. */
export async function labelsBeside(file: string, { labels }: Sidecar): Promise<readonly Label[] | undefined> {
  return typeof labels === 'string'
    ? await readLabels(file, labels)
    : labels && parseLabels(labels, basename(sidecarPath(file)))
}

/** What was made of models that are still in memory, by their descriptions. */
const prepared = new WeakMap<ModelFile, Map<string, Classifier>>()
const PREPARED = 4

/** What `classifierOf` makes; the same again for the same model and description. */
export function preparedClassifier(model: ModelFile, sidecar: Sidecar, labels?: readonly Label[]): Classifier {
  const known = prepared.get(model) ?? new Map<string, Classifier>()
  prepared.set(model, known)
  const key = JSON.stringify([sidecar, labels])
  const classifier = known.get(key) ?? classifierOf(model, sidecar, labels)
  known.delete(key)
  known.set(key, classifier)
  if (known.size > PREPARED) known.delete(known.keys().next().value!)
  return classifier
}

/**
 * What `loadClassifier` does, once everything is read.
 * @param labels the classes in the order of the outputs; numbered where there are none
 * @throws UserError when the parts of the model do not go together, or not with the sidecar
 */
export function classifierOf(
  model: Pick<ModelFile, 'file' | 'hash' | 'graph'>,
  sidecar: Sidecar,
  labels?: readonly Label[],
): Classifier {
  try {
    return madeClassifier(model, sidecar, labels)
  } catch (error) {
    if (!(error instanceof ShapeMisfit)) throw error
    throw new UserError(`cannot use ${basename(model.file)}: ${error.message}; export the model again`, {
      cause: error,
    })
  }
}

function madeClassifier(
  { file, hash, graph: read }: Pick<ModelFile, 'file' | 'hash' | 'graph'>,
  sidecar: Sidecar,
  labels?: readonly Label[],
): Classifier {
  const size = inputSize(sidecar.input)
  const whole = inColour(inSinglePrecision(read), file, sidecar.input.channels)
  const named = tensorsOf(whole, sidecar, file)
  requireValue(whole, sidecar.logits, `"logits"`, file)
  const { graph: own, nameOf } = withOwnNames(whole)
  const input = imageInput(own, file)
  const layers = new Map([...named].map(([alias, tensor]) => [alias, nameOf(tensor)]))
  const answer = nameOf(sidecar.logits)
  // The logits alone: what follows, a softmax or an ArgMax, is not looked into.
  const part = extract(own, [{ name: answer, type: 'float32', shape: [] }])
  requireKnownOperators(part, file)
  requireFiniteWeights(part, file)
  const toLogits = widen(part, size, file)
  requireBounded(toLogits, { name: input.name, images: 1, ...size }, file)
  // Lengths that are computed from the image's stay so: the network means the same at every size.
  const simple = simplify(toLogits, { keep: [...layers.values()] })
  const scores = flatten(simple, answer, input.name, size, file)
  const { probabilities, ...flat } = answering(scores, sidecar, file)
  const [, classes] = flat.logits.shape
  if (labels && labels.length !== classes)
    throw new UserError(
      `cannot use ${basename(file)}: it answers with ${classes} classes at "${sidecar.logits}", but ${typeof sidecar.labels === 'string' ? sidecar.labels : 'its sidecar'} names ${labels.length}; correct the labels, or "logits" in ${basename(sidecarPath(file))}`,
    )
  return {
    name: sidecar.name,
    hash,
    file,
    // The name by which errors of a runtime mention it.
    graph: { ...flat.graph, name: basename(file) },
    input: input.name,
    preprocessing: sidecar.input,
    logits: flat.logits.name,
    probabilities,
    head: sidecar.logits,
    activation: sidecar.probabilities,
    labels: labels ?? namelessLabels(Number(classes)),
    layers: measuredLayers(flat.graph, input.name, size, layers, file),
    license: sidecar.license,
    source: sidecar.source,
  }
}

/** Whether the logits can be had of images that are not of the model's own size: not where its end is fully connected. */
export function runsAtAnySize({ graph, input, logits, labels, preprocessing }: Classifier): boolean {
  try {
    // Twice as many units everywhere: a layer that is tied to a size cannot take them.
    const { height, width } = inputSize(preprocessing)
    const shape = inferShapes(graph, { bound: { [input]: [2, 3, 2 * height, 2 * width] } }).get(logits)?.shape
    return shape?.length === 2 && shape[0] === 2 && shape[1] === labels.length
  } catch {
    return false
  }
}

/** Alias to tensor. Sidecars that have it the other way round, tensor to alias, are understood. */
function tensorsOf(graph: Graph, { layers }: Sidecar, file: string): ReadonlyMap<string, string> {
  const values = valuesOf(graph)
  return new Map(
    Object.entries(layers).map(([alias, tensor]) => {
      if (!values.has(tensor) && values.has(alias)) return [tensor, alias]
      requireValue(graph, tensor, `layer "${alias}"`, file)
      return [alias, tensor]
    }),
  )
}

const valuesOf = (graph: Graph): ReadonlySet<string> => new Set(graph.nodes.flatMap(node => node.outputs))

function requireValue(graph: Graph, name: string, what: string, file: string): void {
  if (valuesOf(graph).has(name)) return
  throw new UserError(
    `cannot use ${basename(file)}: ${what} in ${basename(sidecarPath(file))} is the tensor "${name}", which the model does not have; portolan model init ${file} lists what it has`,
  )
}

/** A graph that ends in logits, [N, classes]. */
interface Scores {
  readonly graph: Graph
  readonly logits: ValueInfo
}

/**
 * What the logits answer. A single logit z with a sigmoid says yes or no: it becomes the logits −z/2 and z/2 of two
 * classes, whose softmax is 1 − σ(z) and σ(z), so that both classes have attributions and atlases of their own.
 */
function answering(
  scores: Scores,
  { probabilities = 'softmax' }: Sidecar,
  file: string,
): Scores & { readonly probabilities: Probabilities } {
  const { graph, logits } = scores
  if (logits.shape[1] !== 1) return { ...scores, probabilities }
  if (probabilities === 'softmax')
    throw new UserError(
      `cannot use ${basename(file)}: "logits" is "${logits.name}" with a single score, of which a softmax would always make 100 %; write "probabilities": "sigmoid" into ${basename(sidecarPath(file))}, or name other logits`,
    )
  const g = new GraphBuilder(graph)
  const name = g.mul(logits.name, g.shared(float32([1, 2], [-0.5, 0.5])))
  const both: ValueInfo = { name, type: 'float32', shape: ['N', 2] }
  return { graph: g.build(graph.name, [both], graph.opset), logits: both, probabilities: 'softmax' }
}

/** Logits as [N, classes]: convolutional heads answer [N, classes, 1, 1]. */
function flatten(graph: Graph, logits: string, input: string, size: Extent, file: string): Scores {
  const shapes = inferShapes(graph, { bound: { [input]: [2, 3, size.height, size.width] } })
  const shape = shapes.get(logits)?.shape
  // The first node whose answer nobody knows: what lies behind it follows from it.
  const unknown = graph.nodes.find(node => node.outputs.some(output => output && !shapes.has(output)))
  if (!shape && unknown)
    throw new UserError(
      `cannot use ${basename(file)}: the shape of what ${unknown.op} (node "${unknown.name || unknown.outputs[0]}") makes before its logits is known only when it runs; export the model with fixed shapes`,
    )
  const [batch, classes, ...rest] = shape ?? []
  if (batch !== 2 || typeof classes !== 'number' || rest.some(length => length !== 1))
    throw new UserError(
      `cannot use ${basename(file)}: "logits" is "${logits}" of shape ${shape ? `[${shape.join(', ')}] for two images` : 'unknown'}, but must be [N, classes]; name the value before the softmax in ${basename(sidecarPath(file))}`,
    )
  const info = (name: string): ValueInfo => ({ name, type: 'float32', shape: ['N', classes] })
  if (rest.length === 0) return { graph: { ...graph, outputs: [info(logits)] }, logits: info(logits) }
  const g = new GraphBuilder(graph)
  const flat = info(g.node('Flatten', [logits], { axis: int(1) }))
  return { graph: g.build(graph.name, [flat], graph.opset), logits: flat }
}
