import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { writeOutput } from '../files/output.ts'
import { simplify } from '../onnx/fold.ts'
import { consumers, extract, type Graph, type Node } from '../onnx/graph.ts'
import { type Geometry, measure } from './geometry.ts'
import type { ModelFile } from './load.ts'
import { type Preprocessing, type Sidecar, sidecarPath } from './sidecar.ts'
import { imageInput, widen } from './widen.ts'

/**
 * A sidecar for a model that has none: what the graph says, and guesses where it says nothing. The guessed fields are
 * named in `unconfirmed`.
 * @throws UserError when the graph is no image classifier
 */
export function proposeSidecar({ file, graph }: ModelFile): Sidecar {
  const input = imageInput(graph, file)
  const edge = input.shape[2]
  const size = typeof edge === 'number' ? edge : 224
  const logits = proposeLogits(graph, file)
  const preprocessing = proposePreprocessing(graph, input.name, size)
  return {
    name: basename(file).replace(/\.onnx$/i, ''),
    input: preprocessing,
    logits,
    layers: proposeLayers(graph, input.name, logits, size, file),
    license: 'unknown',
    source: 'unknown',
    unconfirmed: [
      ...(typeof edge === 'number' ? [] : ['input.size']),
      ...['input.channels', 'input.range', 'input.mean', 'input.std', 'input.resize', 'labels'],
    ],
  }
}

/**
 * Writes a sidecar beside its model, and never over one that is there.
 * @returns its path
 */
export async function writeSidecar(model: string, sidecar: Sidecar): Promise<string> {
  const file = sidecarPath(model)
  try {
    await writeOutput(file, `${JSON.stringify(sidecar, null, 2)}\n`, { fresh: true })
  } catch (error) {
    const { cause } = error instanceof UserError ? error : {}
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new UserError(`${file} is there already; delete or rename it to have a new one written`, { cause })
    throw error
  }
  return file
}

/** What goes into the last softmax, or the last output where there is none. */
function proposeLogits(graph: Graph, file: string): string {
  const softmax = graph.nodes.findLast(node => node.op === 'Softmax' || node.op === 'LogSoftmax')
  const name = softmax?.inputs[0] ?? graph.outputs.at(-1)?.name
  if (!name) throw new UserError(`cannot use ${basename(file)}: it has no output`)
  return name
}

const OWN_SCALE = new Set(['Sub', 'Add', 'Mul', 'Div', 'BatchNormalization'])

/** A model that begins with arithmetic prepares its images itself; LRN speaks of Caffe; others come from PyTorch. */
function proposePreprocessing(graph: Graph, input: string, size: number): Preprocessing {
  const common = { size, resize: 'stretch' as const }
  const first = consumers(graph).get(input) ?? []
  if (first.some(node => OWN_SCALE.has(node.op)))
    return { ...common, channels: 'RGB', range: [0, 255], mean: [0, 0, 0], std: [1, 1, 1] }
  if (graph.nodes.some(node => node.op === 'LRN'))
    return { ...common, channels: 'BGR', range: [0, 255], mean: [104, 117, 123], std: [1, 1, 1] }
  return { ...common, channels: 'RGB', range: [0, 1], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
}

const JOINS = new Set(['Concat', 'Add', 'Sum'])
const ACTIVATIONS = new Set(['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Sigmoid', 'HardSwish', 'HardSigmoid', 'Tanh'])

/**
 * Where blocks end: the joins of branches, after their activation where one follows at once, and the last value of
 * every resolution.
 */
function proposeLayers(
  graph: Graph,
  input: string,
  logits: string,
  size: number,
  file: string,
): Readonly<Record<string, string>> {
  const part = extract(widen(graph, size, file), [{ name: logits, type: 'float32', shape: [] }])
  const small = simplify(part)
  const geometry = measure(small, input, size)
  const readers = consumers(small)
  const ends = new Set<string>()
  const last = new Map<number, string>()
  for (const node of small.nodes) {
    const [value] = node.outputs
    const at = value === undefined ? undefined : geometry.get(value)
    if (value === undefined || !at || !isLayer(at, size)) continue
    const next = readers.get(value) ?? []
    const activated = next.length === 1 && ACTIVATIONS.has(next[0]!.op)
    if (!activated && isBlockEnd(node, small)) ends.add(value)
    if (!activated && !isPool(node)) last.set(at.height, value)
  }
  for (const value of last.values()) ends.add(value)
  const order = [...geometry.keys()].filter(value => ends.has(value))
  return Object.fromEntries(order.map(value => [aliasOf(value), value]))
}

/** At least two units each way, and fewer than the image has pixels. */
const isLayer = ({ height, width, receptiveField }: Geometry, size: number): boolean =>
  height > 1 && width > 1 && height < size && receptiveField > 1

const isPool = (node: Node): boolean => node.op.endsWith('Pool') || node.op === 'LRN'

function isBlockEnd(node: Node, graph: Graph): boolean {
  if (JOINS.has(node.op)) return node.inputs.every(name => !graph.initializers.has(name))
  if (!ACTIVATIONS.has(node.op)) return false
  const before = graph.nodes.find(other => other.outputs.includes(node.inputs[0]!))
  return before !== undefined && JOINS.has(before.op) && isBlockEnd(before, graph)
}

/** GoogLeNet's blocks by the field's names; others by their own. */
const aliasOf = (tensor: string): string => tensor.replace(/^inception_(\d[a-z])\/output$/, 'mixed$1')
