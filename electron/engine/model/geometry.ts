import { batchPlace, positionsOf } from '../onnx/axes/factors.ts'
import { followKnown, type Place } from '../onnx/axes/follow.ts'
import { attribute, type Graph, type Node, type ValueInfo } from '../onnx/graph.ts'
import { type Inferred, inferShapes } from '../onnx/shapes.ts'
import type { Extent } from './sidecar.ts'

/** The units of a value and their positions in the image. */
export interface Geometry {
  readonly channels: number
  /** Units at the given size of the image. */
  readonly height: number
  readonly width: number
  /** Pixels between two neighbouring units. */
  readonly stride: number
  /**
   * Edge of the square of pixels that one unit depends on; the complete image after a global average. The gates of
   * squeeze-and-excitation, which depend on the complete image too, are not counted.
   */
  readonly receptiveField: number
}

/** Stride between units, and receptive field of a unit, in pixels; Infinity after a global pool. */
interface Field {
  readonly stride: number
  readonly size: number
}

const POOLS = new Set(['MaxPool', 'AveragePool', 'LpPool'])
const GLOBAL = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'ReduceMean', 'ReduceSum', 'ReduceMax'])

/**
 * Geometry of every value that is an image of channels, [N, C, H, W]: its last two axes count rows and columns of the
 * image, in this order. Values with the channels last, tokens, heads and windows are not included. The receptive field
 * grows by the usual
 * recurrence r' = r + (d·(k − 1))·j, j' = j·s, for kernel k, dilation d and stride s; where paths merge, the maximum
 * counts.
 * @param input name of the image input
 * @param size  of the image
 */
export function measure(graph: Graph, input: string, size: Extent): ReadonlyMap<string, Geometry> {
  const sized = { ...graph, inputs: graph.inputs.map(info => (info.name === input ? imageOf(info, size) : info)) }
  const shapes = inferShapes(sized)
  const places = followKnown(sized, [input], shapes)
  const edge = Math.max(size.height, size.width)
  const fields = new Map<string, Field>([[input, { stride: 1, size: 1 }]])
  const measured = new Map<string, Geometry>()
  for (const node of graph.nodes) {
    const from = merge(node.inputs.map(name => fields.get(name)))
    if (!from) continue
    const field = through(node, from, shapes)
    for (const output of node.outputs) {
      if (!output) continue
      fields.set(output, field)
      const units = unitsOf(shapes.get(output), places.get(output))
      if (!units) continue
      const isGlobal = !Number.isFinite(field.size)
      const [stride, receptiveField] = isGlobal ? [edge, edge] : [field.stride, field.size]
      measured.set(output, { ...units, stride, receptiveField })
    }
  }
  return measured
}

const imageOf = (info: ValueInfo, { height, width }: Extent): ValueInfo => ({
  ...info,
  shape: ['N', 3, height, width],
})

/** Channels and units of a value that is an image [N, C, H, W] of floating-point numbers. */
function unitsOf(
  value: Inferred | undefined,
  place: Place | undefined,
): Pick<Geometry, 'channels' | 'height' | 'width'> | undefined {
  if (value?.type !== 'float32' || value.shape.length !== 4 || place?.kind !== 'images') return undefined
  const [, channels, height, width] = value.shape
  if (typeof channels !== 'number' || typeof height !== 'number' || typeof width !== 'number') return undefined
  const batch = batchPlace(place.axes)
  if (batch?.axis !== 0 || batch.outer !== 1 || batch.inner !== 1) return undefined
  // With a single unit, no other axes can be mistaken for rows and columns.
  const single = height === 1 && width === 1
  const [rows, columns] = place.axes.slice(2).map(positionsOf)
  return single || (rows === 'rows' && columns === 'columns') ? { channels, height, width } : undefined
}

/** The maximum over several paths. A global path (a gate) counts only where all paths are global. */
function merge(paths: readonly (Field | undefined)[]): Field | undefined {
  const known = paths.filter(path => path !== undefined)
  const local = known.filter(path => Number.isFinite(path.size))
  const counted = local.length ? local : known
  if (counted.length === 0) return undefined
  return {
    stride: Math.max(...counted.map(path => path.stride)),
    size: Math.max(...counted.map(path => path.size)),
  }
}

function through(node: Node, { stride, size }: Field, shapes: ReadonlyMap<string, Inferred>): Field {
  if (GLOBAL.has(node.op)) return { stride, size: Number.POSITIVE_INFINITY }
  const kernel = kernelOf(node, shapes)
  if (!kernel) return { stride, size }
  const steps = attribute(node, 'strides', 'ints', [1, 1])
  const dilations = attribute(node, 'dilations', 'ints', [1, 1])
  const span = Math.max(...kernel.map((k, axis) => (dilations[axis] ?? 1) * (k - 1)))
  // A transposed convolution has a smaller stride: neighbours share ⌈k/s⌉ of the inputs.
  if (node.op === 'ConvTranspose') {
    const step = Math.max(...steps)
    return { stride: stride / step, size: size + Math.floor(span / step) * stride }
  }
  return { stride: stride * Math.max(...steps), size: size + span * stride }
}

function kernelOf(node: Node, shapes: ReadonlyMap<string, Inferred>): readonly number[] | undefined {
  if (node.domain !== '') return undefined
  if (POOLS.has(node.op)) return attribute(node, 'kernel_shape', 'ints')
  if (node.op !== 'Conv' && node.op !== 'ConvTranspose') return undefined
  return shapes.get(node.inputs[1]!)?.shape.slice(2).map(Number)
}
