import { basename } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'
import { attribute, type Graph, type Node, type Shape, type ValueInfo } from '../onnx/graph.ts'
import { Inference, inferShapes } from '../onnx/shapes.ts'
import { int64 } from '../onnx/tensor.ts'

/** Batch, height and width of every classifier's input, once it is loaded. */
export const FREE: Shape = ['N', 3, 'H', 'W']

/**
 * The input that takes the image: four-dimensional, with the three colours second.
 * @throws UserError when there is none, or more than one input
 */
export function imageInput(graph: Graph, file: string): ValueInfo {
  const name = basename(file)
  const [input, ...others] = graph.inputs
  if (!input) throw new UserError(`cannot use ${name}: it has no input, so it takes no image`)
  if (others.length)
    throw new UserError(
      `cannot use ${name}: it has ${graph.inputs.length} inputs (${graph.inputs.map(other => other.name).join(', ')}), but a classifier takes one image; export it with the image alone`,
    )
  const { shape, type } = input
  const channels = shape[1]
  if (type !== 'float32' || shape.length !== 4 || (channels !== 3 && typeof channels === 'number'))
    throw new UserError(
      `cannot use ${name}: its input "${input.name}" is ${type} [${shape.join(', ')}], but must be floating point [N, 3, height, width]; export it with the colours before height and width`,
    )
  return input
}

/**
 * The graph with an input that is free in batch, height and width, whatever lengths the file fixes. Where the file
 * reshapes to a fixed batch, or leaves the batch to be guessed from the number of elements, it is made to keep the
 * batch: images could otherwise be mixed silently.
 * @param size edge of the image that the model is made for, in pixels
 */
export function widen(graph: Graph, size: number, file: string): Graph {
  const input = imageInput(graph, file)
  const baked = input.shape[0]
  const inference = new Inference({ ...graph, inputs: [{ ...input, shape: ['N', 3, size, size] }] })
  const initializers = new Map(graph.initializers)
  try {
    const nodes = graph.nodes.map(node => {
      const target = node.op === 'Reshape' && node.domain === '' && keepsBatch(node, inference, baked)
      if (!target) {
        inference.infer(node)
        return node
      }
      const name = `${node.outputs[0]}.kept`
      const tensor = int64(target)
      initializers.set(name, tensor)
      inference.constant(name, tensor)
      const kept: Node = { ...node, inputs: [node.inputs[0]!, name] }
      inference.infer(kept)
      return kept
    })
    const wide = { ...graph, nodes, initializers, inputs: [{ ...input, shape: FREE }] }
    // Two images, so that a batch that is fixed after all is found out here.
    inferShapes(wide, { bound: { [input.name]: [2, 3, size, size] } })
    return wide
  } catch (cause) {
    throw new UserError(
      `cannot use ${basename(file)} with images of ${size} × ${size} in batches: ${reason(cause)}; correct "input.size", or export the model with a free batch`,
      { cause },
    )
  }
}

/** The target that a Reshape must have so that its first length stays the batch; undefined where it needs no change. */
function keepsBatch(node: Node, inference: Inference, baked: Shape[number] | undefined): number[] | undefined {
  const [x, target] = node.inputs.map(name => inference.known.get(name))
  const values = target?.content?.filter(value => typeof value === 'number')
  if (!x || !values?.length || values.length !== target?.content?.length) return undefined
  if (x.shape[0] !== 'N' || attribute(node, 'allowzero', 'int', 0) !== 0) return undefined
  const [first, ...rest] = values
  if (first !== baked && first !== -1) return undefined
  // A 0 copies the length of the same axis.
  const lengths = rest.map((value, index) => (value === 0 ? x.shape[index + 1] : value))
  const inner = x.shape.slice(1)
  if (lengths.includes(-1)) return first === baked ? [0, ...rest] : undefined
  const product = (dims: readonly unknown[]) => dims.reduce<number>((total, dim) => total * Number(dim), 1)
  return product(lengths) === product(inner) ? [0, ...rest] : undefined
}
