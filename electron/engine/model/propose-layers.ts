import { LONGEST_LAYER_NAME } from '../../contract/values.ts'
import { visible } from '../../contract/visible.ts'
import { simplify } from '../onnx/fold.ts'
import { consumers, extract, type Graph, type Node } from '../onnx/graph.ts'
import { type Geometry, type Measured, measure } from './geometry.ts'
import { MOVES, moduleBlocks } from './module-blocks.ts'
import type { Extent } from './sidecar.ts'
import { arePositionsUnread } from './unread-tokens.ts'
import { widen } from './widen.ts'

/** A layer of a description: its name, and the name of its tensor. */
export interface ProposedLayer {
  readonly name: string
  readonly tensor: string
}

/** Layers that are proposed by default: as many as fit a list, and an evening of building. */
const FEW = 12

export interface Network {
  readonly graph: Graph
  readonly input: string
  readonly logits: string
  readonly size: Extent
  readonly file: string
  /** Of PyTorch's modules, by value; empty for exports of other frameworks. */
  readonly modules: ReadonlyMap<string, string>
}

/**
 * The outputs of a network's blocks, in order. Where the export names PyTorch's modules, they are the blocks, by their names
 * (`layer4.1`); otherwise blocks end where branches are joined, after the activation where one follows directly. The
 * last value of every resolution that has no block, and the last before the classifier, are layers too.
 * @param many all of them; by default a dozen, spread over the network, with the last of every resolution
 */
export function proposeLayers(network: Network, many: boolean): readonly ProposedLayer[] {
  const { graph, input, logits, size, file, modules } = network
  const part = extract(widen(graph, size, file), [{ name: logits, type: 'float32', shape: [] }])
  // A LayerNorm is written in simpler operators, whose values the file does not have; its own keeps its name.
  const normed = part.nodes.filter(({ op }) => op === 'LayerNormalization').flatMap(node => node.outputs)
  const small = simplify(part, { keep: normed })
  const own = new Map(graph.nodes.flatMap(node => node.outputs.map(output => [output, node.op])))
  const geometry = measure(small, input, size)
  const readers = consumers(small)
  const isUnread = (tensor: string, { layout }: Measured) =>
    layout !== undefined && arePositionsUnread(tensor, layout, readers, small)
  const layers = new Map(
    [...geometry].filter(
      ([tensor, at]) => isLayer(at, size) && own.has(tensor) && !isMoved(own.get(tensor)!, at) && !isUnread(tensor, at),
    ),
  )
  const blocks = moduleBlocks(small, { input, logits, layers, modules })
  const ends = blocks ?? new Map([...joins(small, layers)].map(tensor => [tensor, undefined]))
  const order = [...layers.keys()].filter(tensor => ends.has(tensor))
  const chosen = many ? order : spread(order, tensor => layers.get(tensor)!.height)
  const taken = new Set<string>()
  return chosen.map(tensor => {
    const module = ends.get(tensor)
    const name = module === undefined || taken.has(module) ? aliasOf(tensor) : shortened(visible(module))
    taken.add(name)
    return { name, tensor }
  })
}

/** Of values in other layouts: windows, rotations, merged patches and other tokens beside those of the positions. */
const isMoved = (op: string, { layout }: Measured): boolean => layout !== undefined && MOVES.has(op)

/** At least two units each way, and fewer than the image has pixels. */
const isLayer = ({ height, width, receptiveField }: Geometry, size: Extent): boolean =>
  height > 1 && width > 1 && height < size.height && receptiveField > 1

/** The last of each resolution, and of the others those that are farthest from all that are chosen already. */
function spread(order: readonly string[], heightOf: (tensor: string) => number): readonly string[] {
  const last = new Map(order.map((tensor, at) => [heightOf(tensor), at]))
  const chosen = new Set(last.values())
  while (chosen.size < Math.min(FEW, order.length)) {
    let [best, farthest] = [-1, 0]
    for (const at of order.keys()) {
      const distance = Math.min(...[...chosen].map(other => Math.abs(at - other)))
      if (distance > farthest) [best, farthest] = [at, distance]
    }
    chosen.add(best)
  }
  return order.filter((_, at) => chosen.has(at))
}

const JOINS = new Set(['Concat', 'Add', 'Sum'])
const ACTIVATIONS = new Set([...['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Sigmoid', 'HardSwish', 'HardSigmoid', 'Tanh']])
const isPool = (node: Node): boolean => node.op.endsWith('Pool') || node.op === 'LRN'

/** The joins of branches, after their activation where one follows directly, and the last value of every resolution. */
function joins(graph: Graph, layers: ReadonlyMap<string, Geometry>): ReadonlySet<string> {
  const readers = consumers(graph)
  const ends = new Set<string>()
  const last = new Map<number, string>()
  for (const node of graph.nodes) {
    const [value] = node.outputs
    const at = value === undefined ? undefined : layers.get(value)
    if (value === undefined || !at) continue
    const next = readers.get(value) ?? []
    if (next.length === 1 && ACTIVATIONS.has(next[0]!.op)) continue
    if (isBlockEnd(node, graph)) ends.add(value)
    if (!isPool(node)) last.set(at.height, value)
  }
  return new Set([...ends, ...last.values()])
}

function isBlockEnd(node: Node, graph: Graph): boolean {
  if (JOINS.has(node.op)) return node.inputs.every(name => !graph.initializers.has(name))
  if (!ACTIVATIONS.has(node.op)) return false
  const before = graph.nodes.find(other => other.outputs.includes(node.inputs[0]!))
  return before !== undefined && JOINS.has(before.op) && isBlockEnd(before, graph)
}

/** GoogLeNet's blocks by their usual names; the tensor name otherwise, with control characters escaped. */
const aliasOf = (tensor: string): string =>
  shortened(visible(tensor.replace(/^inception_(\d[a-z])\/output$/, 'mixed$1')))

/** The end of a name that is longer than a name may be. */
const shortened = (name: string): string =>
  name.length <= LONGEST_LAYER_NAME ? name : `…${name.slice(1 - LONGEST_LAYER_NAME)}`
