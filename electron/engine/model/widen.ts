import { basename } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { attribute, freshNames, type Graph, type Node, type Shape, type ValueInfo } from '../onnx/graph.ts'
import { numbersOf } from '../onnx/shape-content.ts'
import { Inference, inferShapes } from '../onnx/shapes.ts'
import { float32, int64 } from '../onnx/tensor.ts'
import { freeSize } from './free-size.ts'
import type { Extent } from './sidecar.ts'

/** The input shape of every loaded classifier: free batch, height and width. */
const FREE: Shape = ['N', 3, 'H', 'W']

/**
 * The input that takes the image: four-dimensional, with the colours, three or grey alone, second.
 * @throws UserError when the graph has no image input, or more than one input
 */
export function imageInput(graph: Graph, file: string): ValueInfo {
  const name = basename(file)
  const [input, ...others] = graph.inputs
  if (!input) throw new UserError(`cannot use ${name}: it has no image input; export the network with its input`)
  if (others.length)
    throw new UserError(
      `cannot use ${name}: it has ${graph.inputs.length} inputs (${graph.inputs.map(other => other.name).join(', ')}), but a classifier takes one image; export it with the image alone`,
    )
  const why = defectOf(input)
  if (why) throw new UserError(`cannot use ${name}: its input "${input.name}" ${why}`)
  return input
}

/** The fault of an image input, and the way out. */
function defectOf({ shape, type }: ValueInfo): string | undefined {
  const [, channels] = shape
  const form = `${type} [${shape.join(', ')}]`
  const required = 'float32 [N, 3, height, width]'
  if (shape.length === 0) return `has no shape in the file; export the model with the shape ${required} of its input`
  if (shape.length === 4 && shape[3] === 3 && channels !== 3)
    return `is ${form}, with the colours last; export it with the colours before height and width (tf2onnx: --inputs-as-nchw INPUT)`
  if (type !== 'float32')
    return `takes ${type} numbers, and gradients need floating point; export the model with a float32 input`
  if (shape.length !== 4)
    return `is ${form}, not an image of ${shape.length < 4 ? 'rows and columns' : 'two dimensions'}; export the network with an input of ${required}, without the flattening before it`
  if (typeof channels === 'number' && channels !== 3 && channels !== 1)
    return `takes ${channels} channels, but a photograph has 3; use a network of colour or grey images`
  return undefined
}

/** Luma of Rec. 601, by which a colour image becomes grey. */
const LUMA = { RGB: [0.299, 0.587, 0.114], BGR: [0.114, 0.587, 0.299] } as const

/**
 * Converts a graph for grey images to colour: a 1 × 1 convolution computes the luma. Other graphs are unchanged.
 */
export function inColour(graph: Graph, file: string, channels: 'RGB' | 'BGR'): Graph {
  const input = imageInput(graph, file)
  if (input.shape[1] !== 1) return graph
  const g = new GraphBuilder({ ...graph, inputs: [{ ...input, shape: input.shape.with(1, 3) }] })
  const grey = g.node('Conv', [input.name, g.shared(float32([1, 3, 1, 1], LUMA[channels]))])
  const { nodes, ...built } = g.build(graph.name, graph.outputs, graph.opset)
  const moved = graph.nodes.map(node => ({
    ...node,
    inputs: node.inputs.map(name => (name === input.name ? grey : name)),
  }))
  return { ...built, nodes: [nodes.at(-1)!, ...moved] }
}

/**
 * The graph with an input of free batch, height and width, even if the file fixes them. A Reshape to a fixed batch, or
 * one that infers the batch from the number of elements, is changed to keep the batch: images could otherwise be mixed
 * silently. Lengths equal to those of its images become free too (`freeSize`).
 * @param extent of the image that the model was exported for
 */
export function widen(graph: Graph, { height, width }: Extent, file: string): Graph {
  const input = imageInput(graph, file)
  const fixedBatch = input.shape[0]
  const inference = new Inference({ ...graph, inputs: [{ ...input, shape: ['N', 3, height, width] }] })
  const initializers = new Map(graph.initializers)
  const fresh = freshNames(graph)
  try {
    // Lengths that the file computes from the image's size need no correction.
    const free = inferShapes({ ...graph, inputs: [{ ...input, shape: FREE }] })
    const nodes = graph.nodes.map(node => {
      const target =
        node.op === 'Reshape' &&
        node.domain === '' &&
        numbersOf(free.get(node.inputs[1]!)) !== undefined &&
        keepsBatch(node, inference, fixedBatch)
      if (!target) {
        inference.infer(node)
        return node
      }
      const name = fresh(`${node.outputs[0]}.kept`)
      const tensor = int64(target)
      initializers.set(name, tensor)
      inference.constant(name, tensor)
      const kept: Node = { ...node, inputs: [node.inputs[0]!, name] }
      inference.infer(kept)
      return kept
    })
    const wide = { ...graph, nodes, initializers, inputs: [{ ...input, shape: FREE }] }
    // Two images, to detect a batch that is still fixed.
    inferShapes(wide, { bound: { [input.name]: [2, 3, height, width] } })
    return freeSize(wide, input.name, { height, width })
  } catch (cause) {
    throw new UserError(`cannot use ${basename(file)} ${misfit(graph, input, { height, width })}: ${reason(cause)}`, {
      cause,
    })
  }
}

/** The cause of a misfit: the size of the image, or the batch that the file fixes. */
function misfit(graph: Graph, input: ValueInfo, { height, width }: Extent): string {
  const batch = typeof input.shape[0] === 'number' ? input.shape[0] : 1
  try {
    inferShapes({ ...graph, inputs: [{ ...input, shape: [batch, 3, height, width] }] })
  } catch {
    return `with images of ${height} × ${width} (correct "input.size" in its sidecar)`
  }
  return `in batches, because it was exported for ${batch} image${batch === 1 ? '' : 's'} at once (export it again with a free batch: dynamic_axes={"${input.name}": {0: "batch"}})`
}

/** The target that a Reshape must have so that its first length stays the batch; undefined where it needs no change. */
function keepsBatch(node: Node, inference: Inference, fixedBatch: Shape[number] | undefined): number[] | undefined {
  const [x, target] = node.inputs.map(name => inference.known.get(name))
  const values = target?.content?.filter(value => typeof value === 'number')
  if (!x || !values?.length || values.length !== target?.content?.length) return undefined
  if (x.shape[0] !== 'N' || attribute(node, 'allowzero', 'int', 0) !== 0) return undefined
  const [first, ...rest] = values
  if (first !== fixedBatch && first !== -1) return undefined
  // A 0 copies the length of the same axis.
  const lengths = rest.map((value, index) => (value === 0 ? x.shape[index + 1] : value))
  const inner = x.shape.slice(1)
  if (lengths.includes(-1)) return first === fixedBatch ? [0, ...rest] : undefined
  const product = (dims: readonly unknown[]) => dims.reduce<number>((total, dim) => total * Number(dim), 1)
  return product(lengths) === product(inner) ? [0, ...rest] : undefined
}
