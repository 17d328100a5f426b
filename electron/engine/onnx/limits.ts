import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { BOUNDS, THIS_MACHINE } from '../bounds/bounds.ts'
import type { Graph, Shape } from './graph.ts'
import { inferShapes } from './shapes.ts'

/** Bytes of an element: computed values are single precision (an index takes 8). */
const BYTES = 4

/**
 * Estimates the memory of a graph before it runs: a few bytes of a model can require more than a machine has.
 * @param limit bytes of one value, and of all values computed from constants alone
 * @param image the image input, and how many photographs at what size
 * @throws UserError naming the node and the memory that it would take
 */
export function requireBounded(
  graph: Graph,
  image: { readonly name: string; readonly images: number; readonly height: number; readonly width: number },
  file: string,
  limit = BOUNDS.valueBytes,
): void {
  const { name, images, height, width } = image
  const known = inferShapes(graph, { bound: { [name]: [images, 3, height, width] } })
  const constant = new Set(graph.initializers.keys())
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
        `cannot use ${basename(file)}: ${node.op} (node "${node.name || output}") would take ${gigabytes(Math.max(size, fixed ? kept : 0))} of memory, more than an eighth of the ${gigabytes(THIS_MACHINE.memory)} that Portolan may use here; use a smaller model, or a machine with more memory`,
      )
    }
  }
}

/** Elements of a shape as far as it is known. */
const elementsOf = (shape: Shape = [0]): number =>
  shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1)

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(3)} GiB`
