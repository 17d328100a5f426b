import { foldBatchNorm } from './batchnorm.ts'
import { decompose } from './decompose.ts'
import { evaluate } from './evaluate.ts'
import { attribute, extract, freshNames, type Graph, type Node } from './graph.ts'
import { Inference, type Inferred } from './shapes.ts'
import { int64, type Tensor } from './tensor.ts'

interface SimplifyOptions {
  /** Lengths of inputs to fix, by the input's name. */
  readonly bound?: Readonly<Record<string, readonly number[]>>
  /** Intermediate values that must keep their names: layers. The graph's outputs always keep theirs. */
  readonly keep?: readonly string[]
}

/**
 * The same function with fewer nodes: constants folded, computed shapes resolved, identities removed,
 * batch normalisation folded into convolutions, other normalisations decomposed, and nodes removed that no output or
 * kept value depends on.
 */
export function simplify(graph: Graph, { bound = {}, keep = [] }: SimplifyOptions = {}): Graph {
  const kept = new Set(keep)
  const fixed = foldConstants(decompose(foldConstants(fix(graph, bound), kept)), kept)
  const small = foldConstants(foldBatchNorm(fixed, kept), kept)
  const computed = new Set(small.nodes.flatMap(node => node.outputs))
  const ends = [
    ...small.outputs,
    ...keep.filter(name => computed.has(name)).map(name => ({ name, type: 'float32' as const, shape: [] })),
  ]
  return { ...extract(small, ends), inputs: small.inputs, outputs: small.outputs }
}

/** Writes the given lengths into inputs, and into all that share their names. */
function fix(graph: Graph, bound: Readonly<Record<string, readonly number[]>>): Graph {
  if (Object.keys(bound).length === 0) return graph
  const { known } = new Inference(graph, { bound })
  return { ...graph, inputs: graph.inputs.map(input => ({ ...input, shape: known.get(input.name)!.shape })) }
}

function foldConstants(graph: Graph, kept: ReadonlySet<string>): Graph {
  const inference = new Inference(graph)
  const initializers = new Map(graph.initializers)
  const ends = new Set(graph.outputs.map(output => output.name))
  const aliases = new Map<string, string>()
  const fresh = freshNames(graph)
  const nodes: Node[] = []
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map(input => aliases.get(input) ?? input) }
    inference.infer(node)
    const [output] = node.outputs
    const source = identity(node, inference.known)
    if (source !== undefined && !ends.has(output!) && !kept.has(output!)) {
      aliases.set(output!, source)
      continue
    }
    const constant = ends.has(output!) ? undefined : foldNode(node, initializers, inference.known)
    if (constant) {
      initializers.set(output!, constant)
      inference.constant(output!, constant)
      continue
    }
    const target = reshapeTarget(node, inference.known)
    if (target) {
      const name = fresh(`${output}.shape`)
      initializers.set(name, target)
      inference.constant(name, target)
      nodes.push({ ...node, inputs: [node.inputs[0]!, name], attributes: {} })
    } else nodes.push(node)
  }
  const outputs = graph.outputs.map(output => ({
    ...output,
    shape: inference.known.get(output.name)?.shape ?? output.shape,
  }))
  return { ...graph, nodes, initializers, outputs }
}

/** The input that a node returns unchanged; undefined for other nodes. */
function identity(node: Node, known: ReadonlyMap<string, Inferred>): string | undefined {
  const [x] = node.inputs
  if (node.domain !== '') return undefined
  if (node.op === 'Identity') return x
  // The third input switches training on; a mask output makes Dropout more than an identity.
  if (node.op === 'Dropout')
    return !node.outputs[1] && (!node.inputs[2] || known.get(node.inputs[2])?.content?.[0] === 0) ? x : undefined
  if (node.op === 'Cast' && known.get(x!) && known.get(x!)!.type === known.get(node.outputs[0]!)?.type) return x
  return undefined
}

function foldNode(
  node: Node,
  initializers: ReadonlyMap<string, Tensor>,
  known: ReadonlyMap<string, Inferred>,
): Tensor | undefined {
  const result = known.get(node.outputs[0]!)
  if (!result || node.domain !== '' || node.outputs.filter(Boolean).length !== 1) return undefined
  const { type, shape, content } = result
  const dims = shape.filter(dim => typeof dim === 'number')
  if (type === 'int64' && content && dims.length === shape.length) {
    const numbers = content.filter(value => typeof value === 'number')
    if (numbers.length === content.length) return int64(numbers, dims)
  }
  const inputs = node.inputs.map(input => initializers.get(input))
  if (node.inputs.some((input, index) => input && !inputs[index])) return undefined
  return evaluate(node, inputs, type, shape)
}

/**
 * The target of a Reshape as a constant, where the file computes it: lengths equal to the input's at that axis
 * become 0, one other unknown length becomes -1.
 */
function reshapeTarget(node: Node, known: ReadonlyMap<string, Inferred>): Tensor | undefined {
  if (node.op !== 'Reshape' || node.domain !== '' || attribute(node, 'allowzero', 'int', 0)) return undefined
  const [x, target] = node.inputs.map(input => known.get(input))
  if (!x || !target?.content || target.content.every(value => typeof value === 'number')) return undefined
  const resolved = target.content.map((value, axis) =>
    typeof value === 'string' && value === x.shape[axis] ? 0 : value,
  )
  const open = resolved.filter(value => typeof value === 'string' || value === -1).length
  return open > 1 ? undefined : int64(resolved.map(value => (typeof value === 'string' ? -1 : value)))
}
