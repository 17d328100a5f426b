import { UserError } from '../../contract/errors.ts'
import type { Graph, Node, ValueInfo } from '../onnx/graph.ts'
import { type Inferred, inferShapes, ShapeMisfit } from '../onnx/shapes.ts'
import { elements, type Tensor } from '../onnx/tensor.ts'
import type { Feeds } from './runtime.ts'

/**
 * Checks feeds against a graph's inputs, so that a mistake is reported by name before a runtime gets it.
 * @param optional inputs that state may provide
 * @throws Error naming the input, when one is missing, unknown, or of another type, shape or size
 */
export function requireFeeds(graph: Graph, feeds: Feeds, optional: ReadonlySet<string>): void {
  const known = new Set(graph.inputs.map(input => input.name))
  for (const name of Object.keys(feeds))
    if (!known.has(name)) throw new Error(`"${name}" is not an input of the graph (inputs: ${[...known].join(', ')})`)
  /** The values of the free lengths. */
  const lengths = new Map<string, number>()
  for (const input of graph.inputs) {
    const tensor = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined
    if (tensor) requireFit(input, tensor, lengths)
    else if (!optional.has(input.name)) throw new Error(`the input "${input.name}" has no feed`)
  }
}

function requireFit(input: ValueInfo, { type, dims, data }: Tensor, lengths: Map<string, number>): void {
  const wrong = (why: string): never => {
    throw new Error(`the input "${input.name}" takes ${input.type} [${input.shape.join(', ')}], not ${why}`)
  }
  if (type !== input.type) wrong(type)
  if (dims.length !== input.shape.length) wrong(`[${dims.join(', ')}]`)
  if (data.length !== elements(dims)) wrong(`${data.length} numbers for [${dims.join(', ')}]`)
  for (const [axis, expected] of input.shape.entries()) {
    const length = dims[axis]!
    const fixed = typeof expected === 'number' ? expected : (lengths.get(expected) ?? length)
    if (length !== fixed)
      wrong(`[${dims.join(', ')}]${typeof expected === 'string' ? `: ${expected} is ${fixed} already` : ''}`)
    if (typeof expected === 'string') lengths.set(expected, length)
  }
}

/** Operators whose window may not fit. ONNX Runtime then divides by zero, and the process crashes. */
const WINDOWS = new Set(['Conv', 'MaxPool', 'AveragePool'])
const spatial = (node: Node): boolean => node.domain === '' && WINDOWS.has(node.op)

/**
 * Checks the sizes of feeds against a graph's windows. Each combination of sizes is checked once.
 * @returns a check that throws a UserError naming the node when an input is too small for it or incompatible
 */
export function roomFor(graph: Graph): (feeds: Feeds) => void {
  const windows = graph.nodes.filter(spatial)
  const known = new Set<string>()
  return feeds => {
    const sizes = Object.entries(feeds).map(([name, { dims }]) => [name, dims] as const)
    const key = JSON.stringify(sizes)
    if (windows.length === 0 || known.has(key)) return
    const shapes = shapesOf(graph, Object.fromEntries(sizes))
    for (const { op, name, inputs, outputs } of windows) {
      const [from, to] = [inputs[0]!, outputs[0]!].map(value => shapes.get(value)?.shape)
      if (to?.includes(0) && !from?.includes(0))
        throw new UserError(
          `cannot run ${graph.name}: the input is too small, because [${from?.join(', ')}] has no room for a window of ${op} "${name}"; use larger images ("size" in the sidecar of a model)`,
        )
    }
    known.add(key)
  }
}

function shapesOf(graph: Graph, bound: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, Inferred> {
  try {
    return inferShapes(graph, { bound })
  } catch (error) {
    if (!(error instanceof ShapeMisfit)) throw error
    throw new UserError(`cannot run ${graph.name}: ${error.message}; export the model again`, { cause: error })
  }
}
