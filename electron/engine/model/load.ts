import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { fileReason, sha256 } from '../images/read.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { simplify } from '../onnx/fold.ts'
import { extract, type Graph, int, type ValueInfo } from '../onnx/graph.ts'
import { readGraph } from '../onnx/read.ts'
import { inferShapes } from '../onnx/shapes.ts'
import type { Classifier, Label } from './classifier.ts'
import { namelessLabels, parseLabels, readLabels } from './label-file.ts'
import { measuredLayers } from './layers.ts'
import { readSidecar, type Sidecar, sidecarPath } from './sidecar.ts'
import { FREE, imageInput, widen } from './widen.ts'

/** A model file, read: nothing has been made of it yet. */
export interface ModelFile {
  readonly file: string
  /** SHA-256 of the bytes, hex. */
  readonly hash: string
  readonly graph: Graph
}

/** @throws UserError when the file cannot be read, or is not ONNX */
export async function readModel(file: string): Promise<ModelFile> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new UserError(`cannot read the model ${JSON.stringify(file)}: ${fileReason(cause)}`, { cause })
  }
  return { file, hash: sha256(bytes), graph: readGraph(bytes, { file: basename(file), folder: dirname(file) }) }
}

/**
 * Loads `NAME.onnx` with `NAME.model.json` and the labels beside it.
 * @throws UserError when a file is missing or wrong, or they do not go together
 */
export async function loadClassifier(file: string): Promise<Classifier> {
  const model = await readModel(file)
  const sidecar = await readSidecar(file)
  const labels =
    typeof sidecar.labels === 'string'
      ? await readLabels(file, sidecar.labels)
      : sidecar.labels && parseLabels(sidecar.labels, basename(sidecarPath(file)))
  return classifierOf(model, sidecar, labels)
}

/**
 * What `loadClassifier` does, once everything is read.
 * @param labels the classes in the order of the outputs; numbered where there are none
 */
export function classifierOf(
  { file, hash, graph: whole }: ModelFile,
  sidecar: Sidecar,
  labels?: readonly Label[],
): Classifier {
  const { size } = sidecar.input
  const input = imageInput(whole, file)
  const layers = tensorsOf(whole, sidecar, file)
  requireValue(whole, sidecar.logits, `"logits"`, file)
  // The logits alone: what follows, a softmax or an ArgMax, is not looked into.
  const part = extract(whole, [{ name: sidecar.logits, type: 'float32', shape: [] }])
  const toLogits = widen(part, size, file)
  const flat = flatten(simplified(toLogits, [...layers.values()], size), sidecar.logits, input.name, size, file)
  const [, classes] = flat.logits.shape
  if (labels && labels.length !== classes)
    throw new UserError(
      `cannot use ${basename(file)}: it answers with ${classes} classes at "${sidecar.logits}", but ${typeof sidecar.labels === 'string' ? sidecar.labels : 'its sidecar'} names ${labels.length}; correct the labels, or "logits" in ${basename(sidecarPath(file))}`,
    )
  return {
    name: sidecar.name,
    hash,
    file,
    graph: flat.graph,
    input: input.name,
    preprocessing: sidecar.input,
    logits: flat.logits.name,
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
    const size = 2 * preprocessing.size
    const shape = inferShapes(graph, { bound: { [input]: [2, 3, size, size] } }).get(logits)?.shape
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

/**
 * Folded with a free size where its shapes allow it. Where a length is computed from the image's and does not fold,
 * it is fixed to the model's own size: layers before it still take any.
 */
function simplified(graph: Graph, keep: readonly string[], size: number): Graph {
  const free = simplify(graph, { keep })
  if (!free.nodes.some(node => node.op === 'Shape')) return free
  const [input] = graph.inputs
  const fixed = simplify({ ...graph, inputs: [{ ...input!, shape: ['N', 3, size, size] }] }, { keep })
  return { ...fixed, inputs: [{ ...input!, shape: FREE }] }
}

/** Logits as [N, classes]: convolutional heads answer [N, classes, 1, 1]. */
function flatten(
  graph: Graph,
  logits: string,
  input: string,
  size: number,
  file: string,
): { readonly graph: Graph; readonly logits: ValueInfo } {
  const shapes = inferShapes(graph, { bound: { [input]: [2, 3, size, size] } })
  const shape = shapes.get(logits)?.shape
  // The first node whose answer nobody knows: what lies behind it follows from it.
  const unknown = graph.nodes.find(node => node.outputs.some(output => output && !shapes.has(output)))
  if (!shape && unknown)
    throw new UserError(
      `cannot use ${basename(file)}: it has the operator ${unknown.op} (node "${unknown.name || unknown.outputs[0]}") before its logits, which Portolan does not know; export the model without it`,
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
