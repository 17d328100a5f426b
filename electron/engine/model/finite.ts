import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import type { Graph } from '../onnx/graph.ts'

/** The way out of errors about numbers that are not finite. */
const CHECK = 'check the weights of the model, and "range", "mean" and "std" in its sidecar'

/** A photograph for which a network outputs NaN or infinity: its numbers must not be ranked, averaged or stored. */
export class NotFinite extends UnreadableImage {
  override readonly message: string

  constructor(file: string, model: string, at = 'its logits') {
    const why = `${model} outputs NaN or infinity at ${at}`
    super(file, why)
    this.message = `cannot use the image ${JSON.stringify(file)}: ${why}; ${CHECK}`
  }
}

/** Whether all numbers are finite: a loop, because it runs over every output of a network. */
export function allFinite(values: ArrayLike<number>, from = 0, to = values.length): boolean {
  // 0 · x is 0 for every finite x, and NaN otherwise.
  let sum = 0
  for (let at = from; at < to; at++) sum += 0 * values[at]!
  return sum === 0
}

/** @throws UserError when no photograph has finite logits */
export function requireSomeFinite(model: string, finite: number, notFinite: number): void {
  if (finite > 0 || notFinite === 0) return
  throw new UserError(
    `${model} outputs NaN or infinity for ${notFinite === 1 ? 'the photograph' : `all ${notFinite} photographs`}; ${CHECK}`,
  )
}

/**
 * @param subject what was computed, such as `the activations of layer "mixed4c"`
 * @throws UserError when not all numbers are finite
 */
export function requireFinite(values: ArrayLike<number>, model: string, subject: string): void {
  if (allFinite(values)) return
  throw new UserError(`${model} outputs NaN or infinity in ${subject}; ${CHECK}`)
}

/**
 * Operators of which an infinite weight makes every output NaN or infinite. Elsewhere infinity may be a bound or mask.
 */
const WEIGHTED = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'BatchNormalization'])

/** @throws UserError naming the tensor, when a weight is NaN, or infinite where that cannot be intended */
export function requireFiniteWeights(graph: Graph, file: string): void {
  const weights = new Set(graph.nodes.filter(({ op }) => WEIGHTED.has(op)).flatMap(({ inputs }) => inputs))
  for (const [name, { type, data }] of graph.initializers) {
    if (type !== 'float32' || allFinite(data)) continue
    if (!weights.has(name) && !data.some(Number.isNaN)) continue
    const bad = data.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0)
    throw new UserError(
      `cannot use ${basename(file)}: ${bad} of the ${data.length} numbers of its weight "${name}" are NaN or infinite; use a checkpoint from before its training diverged`,
    )
  }
}
