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
import { withoutReservedNames } from './names.ts'
import { inSinglePrecision } from './precision.ts'
import { type Extent, inputSize, type Probabilities, readSidecar, type Sidecar, sidecarPath } from './sidecar.ts'
import { requireKnownOperators } from './supported.ts'
import { imageInput, inColour, widen } from './widen.ts'

/**
 * Loads `NAME.onnx` with `NAME.model.json` and the labels beside it.
 * @throws UserError when a file is missing or invalid, or they do not match
 */
export async function loadClassifier(file: string): Promise<Classifier> {
  const model = await readModel(file)
  const sidecar = await readSidecar(file)
  return preparedClassifier(model, sidecar, await labelsBeside(file, sidecar))
}

/** The classes that a sidecar lists, or of the label file that it names; undefined where it has neither. */
export async function labelsBeside(file: string, { labels }: Sidecar): Promise<readonly Label[] | undefined> {
  return typeof labels === 'string'
    ? await readLabels(file, labels)
    : labels && parseLabels(labels, basename(sidecarPath(file)))
}

/** The classifiers of models that are still in memory, by sidecar and labels. */
const prepared = new WeakMap<ModelFile, Map<string, Classifier>>()
const PREPARED = 4

/** The result of `classifierOf`, cached for the same model, sidecar and labels. */
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
 * The classifier of a model, sidecar and labels that were read.
 * @param labels the classes in the order of the outputs; numbered by default
 * @throws UserError when the parts of the model are inconsistent, or do not match the sidecar
 */
export function classifierOf(
  model: Pick<ModelFile, 'file' | 'hash' | 'graph'>,
  sidecar: Sidecar,
  labels?: readonly Label[],
): Classifier {
  try {
    return buildClassifier(model, sidecar, labels)
  } catch (error) {
    if (!(error instanceof ShapeMisfit)) throw error
    // What a file computes for one image only, such as a squeeze() of all lengths of 1, does not fit two.
    const image = model.graph.inputs.find(({ shape }) => shape.length === 4 && typeof shape[0] === 'number')
    const free = image ? ` with a free batch: dynamic_axes={"${image.name}": {0: "batch"}}` : ''
    throw new UserError(`cannot use ${basename(model.file)}: ${error.message}; export the model again${free}`, {
      cause: error,
    })
  }
}

function buildClassifier(
  { file, hash, graph: read }: Pick<ModelFile, 'file' | 'hash' | 'graph'>,
  sidecar: Sidecar,
  labels?: readonly Label[],
): Classifier {
  const size = inputSize(sidecar.input)
  const colour = inColour(inSinglePrecision(read), file, sidecar.input.channels)
  const named = tensorsOf(colour, sidecar, file)
  requireValue(colour, sidecar.logits, `"logits"`, file)
  const { graph: own, nameOf } = withoutReservedNames(colour)
  const input = imageInput(own, file)
  const layers = new Map([...named].map(([alias, tensor]) => [alias, nameOf(tensor)]))
  const logits = nameOf(sidecar.logits)
  // Only the part up to the logits: nodes after them, a softmax or an ArgMax, are not checked.
  const part = extract(own, [{ name: logits, type: 'float32', shape: [] }])
  requireKnownOperators(part, file)
  requireFiniteWeights(part, file)
  const toLogits = widen(part, size, file)
  requireBounded(toLogits, { name: input.name, images: 1, ...size }, file)
  // Lengths computed from the image's size are not folded, so that the graph is valid at every size.
  const simple = simplify(toLogits, { keep: [...layers.values()] })
  const scores = flatten(simple, logits, input.name, size, file)
  const { probabilities, ...flat } = withClasses(scores, sidecar, file)
  const [, classes] = flat.logits.shape
  if (labels && labels.length !== classes)
    throw new UserError(
      `cannot use ${basename(file)}: it has ${classes} classes at "${sidecar.logits}", but ${typeof sidecar.labels === 'string' ? sidecar.labels : 'its sidecar'} has ${labels.length}; correct the labels, or "logits" in ${basename(sidecarPath(file))}`,
    )
  return {
    name: sidecar.name,
    hash,
    file,
    // The name in errors of a runtime.
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

/**
 * Whether the logits exist for images of another size than the model's: not where it ends in fully connected layers.
 */
export function runsAtAnySize({ graph, input, logits, labels, preprocessing }: Classifier): boolean {
  try {
    // At twice the size: a layer with a fixed input size does not fit.
    const { height, width } = inputSize(preprocessing)
    const shape = inferShapes(graph, { bound: { [input]: [2, 3, 2 * height, 2 * width] } }).get(logits)?.shape
    return shape?.length === 2 && shape[0] === 2 && shape[1] === labels.length
  } catch {
    return false
  }
}

/** Alias to tensor. Sidecars with the opposite order, tensor to alias, are accepted. */
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

function requireValue(graph: Graph, name: string, field: string, file: string): void {
  if (valuesOf(graph).has(name)) return
  throw new UserError(
    `cannot use ${basename(file)}: ${field} in ${basename(sidecarPath(file))} is the tensor "${name}", which the model does not have; portolan model init ${file} lists its tensors`,
  )
}

/** A graph that ends in logits, [N, classes]. */
interface Scores {
  readonly graph: Graph
  readonly logits: ValueInfo
}

/**
 * The logits of all classes. A single logit z with a sigmoid is binary: it becomes the logits −z/2 and z/2 of two
 * classes, whose softmax is 1 − σ(z) and σ(z), so that each class has attributions and atlases.
 */
function withClasses(
  scores: Scores,
  { probabilities = 'softmax' }: Sidecar,
  file: string,
): Scores & { readonly probabilities: Probabilities } {
  const { graph, logits } = scores
  if (logits.shape[1] !== 1) return { ...scores, probabilities }
  if (probabilities === 'softmax')
    throw new UserError(
      `cannot use ${basename(file)}: "logits" is "${logits.name}" with a single score, whose softmax is always 100 %; write "probabilities": "sigmoid" into ${basename(sidecarPath(file))}, or name other logits`,
    )
  const g = new GraphBuilder(graph)
  const name = g.mul(logits.name, g.shared(float32([1, 2], [-0.5, 0.5])))
  const both: ValueInfo = { name, type: 'float32', shape: ['N', 2] }
  return { graph: g.build(graph.name, [both], graph.opset), logits: both, probabilities: 'softmax' }
}

/** Logits as [N, classes]: convolutional heads output [N, classes, 1, 1]. */
function flatten(graph: Graph, logits: string, input: string, size: Extent, file: string): Scores {
  const shapes = inferShapes(graph, { bound: { [input]: [2, 3, size.height, size.width] } })
  const shape = shapes.get(logits)?.shape
  // The first node with an unknown shape: shapes after it are unknown because of it.
  const unknown = graph.nodes.find(node => node.outputs.some(output => output && !shapes.has(output)))
  if (!shape && unknown)
    throw new UserError(
      `cannot use ${basename(file)}: the output shape of ${unknown.op} (node "${unknown.name || unknown.outputs[0]}") before its logits is known only at run time; export the model with fixed shapes`,
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
