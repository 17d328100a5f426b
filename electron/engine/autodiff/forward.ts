import type { Graph, ValueInfo } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { Calculus } from './calculus.ts'
import { composites } from './composites.ts'
import { type Derivatives, EXACT } from './options.ts'
import { named } from './outputs.ts'
import { path } from './path.ts'
import { Site } from './rule.ts'

export interface Derivative extends Partial<Pick<Derivatives, 'maxPool'>> {
  /** Values to differentiate. */
  readonly of: readonly string[]
  /** The value to differentiate by: an input, or any other value of the graph. */
  readonly wrt: string
  /** Name of a new input of the shape of `wrt`: the direction. */
  readonly tangent: string
}

/** The name of the output with the derivative of a value. */
export const tangentOf = (value: string): string => `tangent:${value}`

/**
 * Forward mode, J·tangent: the graph with its outputs, and `tangent:NAME` for each of `of`, in the value's shape. It
 * adds about the cost of the part of the graph that depends on `wrt`.
 * The result may contain composites (`lower` removes them).
 * @throws UserError naming operator and node when an operator between `wrt` and `of` cannot be differentiated
 */
export function derivative(graph: Graph, { of, wrt, tangent, ...options }: Derivative): Graph {
  const { steps, active } = path(graph, [wrt], of)
  const g = new Calculus(graph, inferShapes(graph, { composites }), { ...EXACT, ...options })
  const tangents = new Map([[wrt, g.input({ ...g.info(wrt), name: tangent })]])
  for (const { node, rule } of steps) {
    const terms = rule.jvp(
      g,
      new Site(node, active),
      node.inputs.map(input => tangents.get(input)),
    )
    for (const [output, term] of terms.entries()) if (term) tangents.set(node.outputs[output]!, term)
  }
  const outputs = of.map((value): [ValueInfo, string] => [
    { ...g.info(value), name: tangentOf(value) },
    tangents.get(value) ?? g.zerosLike(value),
  ])
  return named(g.build(graph.name, graph.outputs, graph.opset), outputs)
}
