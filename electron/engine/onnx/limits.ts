import { totalmem } from 'node:os'
import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { Graph, Shape } from './graph.ts'
import { inferShapes } from './shapes.ts'

/**
 * Limits on the memory that a model may require. A model is an untrusted file: a few bytes of it can require more
 * memory than a machine has, and the system then kills running programs.
 */

/** Bytes of a model file: the limit of protobuf. Larger weights are stored in external files. */
export const LARGEST_MODEL = 2 ** 31 - 1

/** Elements of a constant that is computed when a graph is read: a weight of the largest networks, 256 MB. */
export const LARGEST_CONSTANT = 2 ** 26

/**
 * The share of the machine's memory that one value of a graph may take for a single photograph, and that all values
 * computed from constants alone may take together, because they are kept as long as the model is open.
 */
const SHARE = 1 / 8

/** Bytes of an element: computed values are single precision (an index takes 8). */
const BYTES = 4

/**
 * Estimates the memory of a graph before it runs.
 * @param image the image input, and how many photographs at what size
 * @throws UserError naming the node and the memory that it would take
 */
export function requireBounded(
  graph: Graph,
  image: { readonly name: string; readonly images: number; readonly height: number; readonly width: number },
  file: string,
  memory = totalmem(),
): void {
  const { name, images, height, width } = image
  const known = inferShapes(graph, { bound: { [name]: [images, 3, height, width] } })
  const constant = new Set(graph.initializers.keys())
  const limit = SHARE * memory
  let kept = 0
  for (const node of graph.nodes) {
    const fixed = node.inputs.every(input => !input || constant.has(input))
    for (const output of node.outputs) {
      const size = BYTES * elementsOf(known.get(output)?.shape)
      if (fixed) {
        constant.add(output)
        kept += size
      }
      if (size <= limit && kept <= limit) continue
      throw new UserError(
        `cannot use ${basename(file)}: ${node.op} (node "${node.name || output}") would take ${gigabytes(Math.max(size, fixed ? kept : 0))} of memory, more than an eighth of this machine's ${gigabytes(memory)}; use a smaller model, or a machine with more memory`,
      )
    }
  }
}

/** Elements of a shape as far as it is known. */
const elementsOf = (shape: Shape = [0]): number =>
  shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1)

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(3)} GiB`
