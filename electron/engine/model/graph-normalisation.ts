import { attribute, consumers, type Graph, type Node } from '../onnx/graph.ts'
import { integers, type Tensor } from '../onnx/tensor.ts'
import type { Preprocessing } from './sidecar.ts'

/** The normalisation that a graph applies to its image, read from its constants. */
export interface GraphNormalisation {
  /** The range that the constants expect; undefined where they match no usual one. */
  readonly range?: readonly [number, number]
  /**
   * The order of the colours, where the constants determine it: ImageNet's means, the weights of luma, or a swap of the
   * colours.
   */
  readonly channels?: Preprocessing['channels']
  /** The operators in words, such as `subtracts 0.485, 0.456, 0.406`. */
  readonly text: string
}

/** Channel c is factor[c] · x[from[c]] + offset[c]. */
interface Affine {
  readonly factor: readonly number[]
  readonly offset: readonly number[]
  readonly from: readonly number[]
}

/** Usual widths of the range of a network's input, and how far black is below 0, as a fraction of the width. */
const WIDTHS: readonly (readonly [width: number, below: number])[] = [
  [1, 0],
  [2, 0.5],
  // Mean and standard deviation of ImageNet.
  [4.45, 0.47],
  // Pixels minus their mean, and unchanged pixels.
  [255, 0.45],
  [255, 0],
]
const RANGES: readonly (readonly [number, number])[] = [
  [0, 255],
  [0, 1],
  [-1, 1],
]
/** Widths differ by half at most from a usual one: the ranges themselves differ by a hundred or by two. */
const CLOSE = Math.log(1.5)

const LUMA = [0.299, 0.587, 0.114]
const MEANS = [0.485, 0.456, 0.406]

/** @returns undefined where the graph does not normalise its image */
export function graphNormalisation(graph: Graph, input: string): GraphNormalisation | undefined {
  const readers = consumers(graph)
  let affine: Affine = { factor: [1, 1, 1], offset: [0, 0, 0], from: [0, 1, 2] }
  const words: string[] = []
  let axis = 1
  let luma: readonly number[] | undefined
  for (let value = input; ; ) {
    const next = readers.get(value) ?? []
    const [node] = next
    if (next.length !== 1 || !node || node.domain !== '') break
    const step = applied(node, value, graph.initializers, axis)
    if (!step) break
    if (step.kind === 'scale') {
      const factor = step.factor.map((each, c) => each * affine.factor[c]!)
      if (isLuma(factor.map(Math.abs))) luma = factor
      affine = { ...affine, factor, offset: affine.offset.map((each, c) => each * step.factor[c]! + step.offset[c]!) }
      words.push(step.text)
    } else if (step.kind === 'order') {
      affine = {
        factor: step.from.map(c => affine.factor[c]!),
        offset: step.from.map(c => affine.offset[c]!),
        from: step.from.map(c => affine.from[c]!),
      }
      if (step.from[0] !== 0) words.push('swaps the colours')
    } else axis = step.axis
    value = node.outputs[0]!
    if (luma) break
  }
  if (words.length === 0) return undefined
  const channels = luma ? lumaOrder(luma, affine.from) : orderOf(affine)
  const text = words.join(', then ')
  const range = luma ? undefined : rangeOf(affine)
  return { text, ...(range && { range }), ...(channels && { channels }) }
}

type Step =
  | {
      readonly kind: 'scale'
      readonly factor: readonly number[]
      readonly offset: readonly number[]
      readonly text: string
    }
  | { readonly kind: 'order'; readonly from: readonly number[] }
  | { readonly kind: 'layout'; readonly axis: number }

function applied(node: Node, value: string, constants: ReadonlyMap<string, Tensor>, axis: number): Step | undefined {
  const [a, b] = node.inputs
  switch (node.op) {
    case 'Identity':
    case 'Cast':
      return { kind: 'layout', axis }
    case 'Transpose': {
      const perm = attribute(node, 'perm', 'ints')
      return perm?.length === 4 ? { kind: 'layout', axis: perm.indexOf(axis) } : undefined
    }
    case 'Gather': {
      const picked = constants.get(b!)
      const from = picked && a === value ? integers(picked) : []
      const isPermutation = attribute(node, 'axis', 'int', 0) === axis && from.toSorted().join() === '0,1,2'
      return isPermutation ? { kind: 'order', from } : undefined
    }
    case 'Slice':
      return reversed(node, constants, axis) ? { kind: 'order', from: [2, 1, 0] } : undefined
    case 'BatchNormalization': {
      const [scale, bias, mean, variance] = node.inputs.slice(1).map(name => threes(constants.get(name)))
      if (!scale || !bias || !mean || !variance || axis !== 1) return undefined
      const epsilon = attribute(node, 'epsilon', 'float', 1e-5)
      const factor = scale.map((each, c) => each / Math.sqrt(variance[c]! + epsilon))
      return { kind: 'scale', factor, offset: bias.map((each, c) => each - mean[c]! * factor[c]!), text: 'normalises' }
    }
    case 'Sub':
    case 'Add':
    case 'Mul':
    case 'Div': {
      const constant = constants.get(a === value ? b! : a!)
      const numbers = threes(constant, axis)
      if (!numbers || ((node.op === 'Sub' || node.op === 'Div') && a !== value)) return undefined
      const verb = { Sub: 'subtracts', Add: 'adds', Mul: 'multiplies by', Div: 'divides by' }[node.op]
      const shown = new Set(numbers).size === 1 ? numbers.slice(0, 1) : numbers
      const text = `${verb} ${shown.map(each => Number(each.toPrecision(4))).join(', ')}`
      const none = [0, 0, 0]
      const one = [1, 1, 1]
      if (node.op === 'Sub') return { kind: 'scale', factor: one, offset: numbers.map(each => -each), text }
      if (node.op === 'Add') return { kind: 'scale', factor: one, offset: numbers, text }
      return { kind: 'scale', factor: numbers.map(each => (node.op === 'Mul' ? each : 1 / each)), offset: none, text }
    }
    default:
      return undefined
  }
}

/** One finite number for all colours, or one for each. @param axis of the colours in a value of four dimensions */
function threes(tensor: Tensor | undefined, axis?: number): readonly number[] | undefined {
  if (!tensor || (tensor.data.length !== 1 && tensor.data.length !== 3)) return undefined
  const { dims } = tensor
  // Three numbers along another axis are not per colour.
  if (tensor.data.length === 3 && axis !== undefined && dims[dims.length - 4 + axis] !== 3) return undefined
  const numbers = Array.from<number | bigint, number>(tensor.data, Number)
  if (!numbers.every(Number.isFinite)) return undefined
  return numbers.length === 1 ? [numbers[0]!, numbers[0]!, numbers[0]!] : numbers
}

function reversed(node: Node, constants: ReadonlyMap<string, Tensor>, axis: number): boolean {
  const [start, , axes, step] = node.inputs.slice(1).map(name => constants.get(name))
  const along = axes ? integers(axes) : [0]
  return (
    along.length === 1 && along[0] === axis && !!step && integers(step)[0] === -1 && !!start && integers(start)[0] !== 0
  )
}

/** The usual range for which the normalised input has a usual width and offset. */
function rangeOf({ factor, offset }: Affine): readonly [number, number] | undefined {
  const misfit = ([black, white]: readonly [number, number]): number => {
    const width = average(factor) * (white - black)
    const below = -(average(factor) * black + average(offset)) / width
    return Math.min(...WIDTHS.map(([usual, part]) => Math.abs(Math.log(width / usual)) + 2 * Math.abs(below - part)))
  }
  const best = RANGES.map(range => ({ range, misfit: misfit(range) })).reduce((a, b) => (b.misfit < a.misfit ? b : a))
  return best.misfit < CLOSE ? best.range : undefined
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * ImageNet's mean of red is the largest and that of blue the smallest; a swap alone means that the weights are for BGR.
 */
function orderOf({ factor, offset, from }: Affine): Preprocessing['channels'] | undefined {
  const means = factor.map((each, c) => -offset[c]! / each)
  const scaled = means.map(each => each / (means[1]! / MEANS[1]!))
  const near = (expected: readonly number[]) => scaled.every((each, c) => Math.abs(each - expected[c]!) < 0.02)
  // The constants are in the order after the swap.
  const swapped = from[0] === 2
  if (near(MEANS)) return swapped ? 'BGR' : 'RGB'
  if (near(MEANS.toReversed())) return swapped ? 'RGB' : 'BGR'
  return swapped ? 'RGB' : undefined
}

function isLuma(factor: readonly number[]): boolean {
  const sum = factor.reduce((total, each) => total + each, 0)
  const near = (expected: readonly number[]) => factor.every((each, c) => Math.abs(each / sum - expected[c]!) < 0.02)
  return near(LUMA) || near(LUMA.toReversed())
}

const lumaOrder = (factor: readonly number[], from: readonly number[]): Preprocessing['channels'] =>
  factor[0]! > factor[2]! === (from[0] === 0) ? 'RGB' : 'BGR'
