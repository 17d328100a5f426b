import type { Graph, Node } from '../onnx/graph.ts'
import type { Geometry } from './geometry.ts'

interface Trunk {
  readonly input: string
  readonly logits: string
  /** Values that may be layers. */
  readonly layers: ReadonlyMap<string, Geometry>
  /** The module of PyTorch that computes each value. */
  readonly modules: ReadonlyMap<string, string>
}

const WEIGHTED = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul'])
/** Operators that compute nothing. */
export const MOVES: ReadonlySet<string> = new Set([
  'Transpose',
  'Reshape',
  'Slice',
  'Split',
  'Concat',
  'Pad',
  'Identity',
  'Squeeze',
  'Unsqueeze',
])
/** Their results are lengths: an image does not pass through them. */
const LENGTHS = new Set(['Shape', 'Size'])

/** A module, or a module that contains it, with what it computes between image and logits. */
interface Module {
  readonly first: number
  readonly last: number
  /** Of its nodes with weights and an image of channels as their result. */
  readonly weighted: readonly number[]
}

/**
 * Outputs of blocks by their modules' names. An output is a value that everything passes through: no branch leads
 * around it. A block is a module with such an output that has branches inside, and contains no smaller one; modules at the
 * same place of a network's structure (`features.3` beside `features.4`) are blocks too, if they have two convolutions.
 * @returns tensor → module; undefined where the export names no modules, or none of them ends in a layer
 */
export function moduleBlocks(graph: Graph, trunk: Trunk): ReadonlyMap<string, string> | undefined {
  const { layers, modules } = trunk
  if (modules.size === 0) return undefined
  const cuts = cutsOf(graph, trunk)
  const outputAt = (at: number): string | undefined => graph.nodes[at]?.outputs[0]
  const isCut = (at: number): boolean => cuts.has(at) && layers.has(outputAt(at) ?? '')
  const found = modulesOf(graph, trunk)
  const within = (name: string, outer: string): boolean => name.startsWith(`${outer}.`)

  const branching = [...found].filter(
    ([, { last, weighted }]) => isCut(last) && weighted.length > 1 && weighted.some(at => !cuts.has(at)),
  )
  const blocks = new Set(
    branching.flatMap(([name]) => (branching.some(([other]) => within(other, name)) ? [] : [name])),
  )
  const places = new Set([...blocks].map(placeOf))
  for (const [name, { last, weighted }] of found)
    if (weighted.length > 1 && places.has(placeOf(name)) && isCut(last)) blocks.add(name)
  const outer = [...blocks].filter(name => ![...blocks].some(other => within(name, other)))

  const outputs = new Map(outer.map(name => [outputAt(found.get(name)!.last)!, name]))
  for (const at of endsBetween(
    graph,
    trunk,
    isCut,
    outer.map(name => found.get(name)!),
  )) {
    const tensor = outputAt(at)!
    const name = nameOf(tensor, at, found, trunk, graph, outer)
    if (!outputs.has(tensor) && name !== '') outputs.set(tensor, name)
  }
  return outputs.size > 0 ? outputs : undefined
}

/** `features.3.block` → `features.#.block`. */
const placeOf = (name: string): string => name.replace(/(^|\.)\d+(?=\.|$)/g, '$1#')

/** Indices of the nodes whose first result everything on the way from the image to the logits passes through. */
function cutsOf(graph: Graph, { input, logits }: Trunk): ReadonlySet<number> {
  const needed = new Set([logits])
  for (const node of graph.nodes.toReversed())
    if (node.outputs.some(output => needed.has(output))) for (const name of node.inputs) needed.add(name)
  const lastReader = new Map<string, number>()
  const fromImage = new Set([input])
  for (const [at, node] of graph.nodes.entries()) {
    if (!node.outputs.some(output => needed.has(output)) || LENGTHS.has(node.op)) continue
    const read = node.inputs.filter(name => fromImage.has(name))
    for (const name of read) lastReader.set(name, at)
    if (read.length > 0) for (const output of node.outputs) fromImage.add(output)
  }
  const cuts = new Set<number>()
  let farthest = lastReader.get(input) ?? -1
  for (const [at, { outputs }] of graph.nodes.entries()) {
    const [output] = outputs
    if (output === undefined || !lastReader.has(output)) continue
    if (farthest <= at) cuts.add(at)
    farthest = Math.max(farthest, ...outputs.map(name => lastReader.get(name) ?? -1))
  }
  return cuts
}

/** Every module with nodes of its own, and every module that contains one. */
function modulesOf(graph: Graph, { layers, modules }: Trunk): ReadonlyMap<string, Module> {
  const found = new Map<string, { first: number; last: number; weighted: number[] }>()
  for (const [at, node] of graph.nodes.entries()) {
    const [output] = node.outputs
    const module = output === undefined ? undefined : modules.get(output)
    if (output === undefined || !module) continue
    const parts = module.split('.')
    for (const depth of parts.keys()) {
      const name = parts.slice(0, depth + 1).join('.')
      const known = found.get(name) ?? { first: at, last: at, weighted: [] }
      if (isWeighted(node, graph) && layers.has(output)) known.weighted.push(at)
      // A block of Swin ends in a Reshape of its sum: the sum is what may be a layer.
      const last = MOVES.has(node.op) && !layers.has(output) ? known.last : at
      found.set(name, { ...known, last })
    }
  }
  return found
}

const isWeighted = (node: Node, graph: Graph): boolean =>
  WEIGHTED.has(node.op) && node.inputs.some(name => graph.initializers.has(name))

/** The last value outside of blocks of every resolution that no block has, and the last of all. */
function endsBetween(
  graph: Graph,
  { layers }: Trunk,
  isCut: (at: number) => boolean,
  blocks: readonly Module[],
): readonly number[] {
  const heightOf = (at: number): number => layers.get(graph.nodes[at]!.outputs[0]!)!.height
  const ofBlocks = new Set(blocks.map(({ last }) => heightOf(last)))
  const end = Math.max(-1, ...blocks.map(({ last }) => last))
  const ends = new Map<number, number>()
  let final = -1
  for (const [at, node] of graph.nodes.entries()) {
    if (!isCut(at) || isPool(node) || blocks.some(({ first, last }) => first <= at && at <= last)) continue
    if (!ofBlocks.has(heightOf(at))) ends.set(heightOf(at), at)
    if (at > end) final = at
  }
  return [...new Set([...ends.values(), ...(final >= 0 ? [final] : [])])]
}

const isPool = (node: Node): boolean => node.op.endsWith('Pool') || node.op === 'LRN' || node.op === 'Pad'

/** The outermost module that ends with a value, of those that contain no block and only this resolution. */
function nameOf(
  tensor: string,
  at: number,
  found: ReadonlyMap<string, Module>,
  { layers, modules }: Trunk,
  graph: Graph,
  blocks: readonly string[],
): string {
  const parts = (modules.get(tensor) ?? '').split('.')
  for (const depth of parts.keys()) {
    const name = parts.slice(0, depth + 1).join('.')
    const module = found.get(name)
    if (module?.last !== at || blocks.some(block => block.startsWith(`${name}.`))) continue
    const first = graph.nodes[module.first]!.outputs[0]!
    if (layers.get(first)?.height === layers.get(tensor)!.height) return name
  }
  return parts.join('.')
}
