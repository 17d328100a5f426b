import { attribute, type Graph, type Node } from '../onnx/graph.ts'
import { type Inferred, inferShapes } from '../onnx/shapes.ts'

/** Where the units of a value lie in the image. */
export interface Geometry {
  readonly channels: number
  /** Units at the given size of the image. */
  readonly height: number
  readonly width: number
  /** Pixels between two neighbouring units. */
  readonly stride: number
  /**
   * Edge of the square of pixels that can reach one unit; the whole image where something averages over it. The gates
   * of squeeze-and-excitation, which see the whole image too, are not counted.
   */
  readonly receptiveField: number
}

/** Pixels between units, and pixels that reach a unit; Infinity behind a global pool. */
interface Reach {
  readonly stride: number
  readonly field: number
}

const POOLS = new Set(['MaxPool', 'AveragePool', 'LpPool'])
const GLOBAL = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'ReduceMean', 'ReduceSum', 'ReduceMax'])

/**
 * Geometry of every value that has channels, height and width. The receptive field grows by the usual recurrence,
 * r' = r + (d·(k − 1))·j, j' = j·s, for kernel k, dilation d and stride s; where paths meet, the largest counts.
 * @param input name of the image input
 * @param size  edge of the image in pixels
 */
export function measure(graph: Graph, input: string, size: number): ReadonlyMap<string, Geometry> {
  const shapes = inferShapes(graph, { bound: { [input]: [1, 3, size, size] } })
  const reaches = new Map<string, Reach>([[input, { stride: 1, field: 1 }]])
  const measured = new Map<string, Geometry>()
  for (const node of graph.nodes) {
    const from = meet(node.inputs.map(name => reaches.get(name)))
    if (!from) continue
    const reach = through(node, from, shapes)
    for (const output of node.outputs) {
      if (!output) continue
      reaches.set(output, reach)
      const [n, channels, height, width, ...more] = shapes.get(output)?.shape ?? []
      if (more.length || n === undefined || typeof channels !== 'number') continue
      if (typeof height !== 'number' || typeof width !== 'number') continue
      const seesAll = !Number.isFinite(reach.field)
      const [stride, receptiveField] = seesAll ? [size, size] : [reach.stride, reach.field]
      measured.set(output, { channels, height, width, stride, receptiveField })
    }
  }
  return measured
}

/** The largest of several paths. One that has seen the whole image (a gate) counts only where there is no other. */
function meet(paths: readonly (Reach | undefined)[]): Reach | undefined {
  const known = paths.filter(path => path !== undefined)
  const local = known.filter(path => Number.isFinite(path.field))
  const counted = local.length ? local : known
  if (counted.length === 0) return undefined
  return {
    stride: Math.max(...counted.map(path => path.stride)),
    field: Math.max(...counted.map(path => path.field)),
  }
}

function through(node: Node, { stride, field }: Reach, shapes: ReadonlyMap<string, Inferred>): Reach {
  if (GLOBAL.has(node.op)) return { stride, field: Number.POSITIVE_INFINITY }
  const kernel = kernelOf(node, shapes)
  if (!kernel) return { stride, field }
  const steps = attribute(node, 'strides', 'ints', [1, 1])
  const dilations = attribute(node, 'dilations', 'ints', [1, 1])
  const reach = Math.max(...kernel.map((k, axis) => (dilations[axis] ?? 1) * (k - 1)))
  // A transposed convolution sets its units closer: neighbours share ⌈k/s⌉ of the inputs.
  if (node.op === 'ConvTranspose') {
    const step = Math.max(...steps)
    return { stride: stride / step, field: field + Math.floor(reach / step) * stride }
  }
  return { stride: stride * Math.max(...steps), field: field + reach * stride }
}

function kernelOf(node: Node, shapes: ReadonlyMap<string, Inferred>): readonly number[] | undefined {
  if (node.domain !== '') return undefined
  if (POOLS.has(node.op)) return attribute(node, 'kernel_shape', 'ints')
  if (node.op !== 'Conv' && node.op !== 'ConvTranspose') return undefined
  return shapes.get(node.inputs[1]!)?.shape.slice(2).map(Number)
}
