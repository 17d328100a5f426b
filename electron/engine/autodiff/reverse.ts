import type { Graph, ValueInfo } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { Calculus } from './calculus.ts'
import { composites } from './composites.ts'
import { type Derivatives, EXACT } from './options.ts'
import { named } from './outputs.ts'
import { path } from './path.ts'
import { Site } from './rule.ts'

export interface Gradient extends Partial<Derivatives> {
  /** The value to differentiate; of one that is not a scalar, the sum of its elements. */
  readonly of: string
  /** Name of a new input of the shape of `of`: the gradient of Σ seed·of is computed instead. */
  readonly seed?: string
  /** Values to differentiate by: inputs, or any other values of the graph. */
  readonly wrt: readonly string[]
}

/** The name of the output with the gradient with respect to a value. */
export const gradientOf = (value: string): string => `grad:${value}`

/**
 * Reverse mode, Jᵀ·seed: the graph with its outputs, and `grad:NAME` for each of `wrt`, in the value's shape.
 * Lengths that are unknown stay unknown: one graph serves all batch and image sizes.
 * The result may contain composites (`lower` removes them).
 * @throws UserError naming operator and node when an operator between `wrt` and `of` cannot be differentiated
 */
export function gradient(graph: Graph, { of, seed, wrt, ...options }: Gradient): Graph {
  const { steps, active } = path(graph, wrt, [of])
  const values = inferShapes(graph, { composites })
  const g = new Calculus(graph, values, { ...EXACT, ...options })
  if (typeof g.options.relu === 'object') g.switch(g.options.relu.redirectedWhile)

  const cotangents = new Map<string, string[]>()
  const upstream = seed ? g.input({ ...g.info(of), name: seed }) : g.onesLike(of)
  cotangents.set(of, [upstream])
  const cotangent = (value: string): string | undefined => {
    const total = g.sum(cotangents.get(value) ?? [])
    if (total) cotangents.set(value, [total])
    return total
  }
  for (const { node, rule } of steps.toReversed()) {
    const site = new Site(node, active)
    const terms = rule.vjp(g, site, node.outputs.map(cotangent))
    for (const [input, term] of terms.entries()) {
      const value = node.inputs[input]!
      if (term && site.active(input)) cotangents.set(value, [...(cotangents.get(value) ?? []), term])
    }
  }
  const outputs = wrt.map((value): [ValueInfo, string] => [
    { ...g.info(value), name: gradientOf(value) },
    cotangent(value) ?? g.zerosLike(value),
  ])
  return named(g.build(graph.name, graph.outputs, graph.opset), outputs)
}
