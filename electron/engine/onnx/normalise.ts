import { reason, UserError } from '../../contract/errors.ts'
import { OPSET } from './builder.ts'
import { freshNames, type Graph, type Node } from './graph.ts'
import { NEWER } from './normalise-newer.ts'
import { RESIZE } from './normalise-resize.ts'
import { type Context, RULES, type Rule } from './normalise-rules.ts'
import { Inference } from './shapes.ts'
import { float32, int64, type Tensor } from './tensor.ts'

/** The value of a Constant node, in any of the forms that the standard allows. */
function constantValue(node: Node): Tensor | undefined {
  for (const [name, { kind, value }] of Object.entries(node.attributes)) {
    if (name === 'value' && kind === 'tensor') return value
    if (name === 'value_float' && kind === 'float') return float32([], [value])
    if (name === 'value_floats' && kind === 'floats') return float32([value.length], value)
    if (name === 'value_int' && kind === 'int') return int64([value], [])
    if (name === 'value_ints' && kind === 'ints') return int64(value)
  }
  return undefined
}

/**
 * Rewrites a graph of any version of the standard operators into version 17. Constant nodes become initializers.
 * Operators without a rule are unchanged in all versions.
 * @throws UserError where a node cannot be rewritten before run time
 */
export function normalise(graph: Graph, file: string): Graph {
  const initializers = new Map(graph.initializers)
  const nodes: Node[] = []
  const inference = new Inference(graph)
  const constant = (name: string, tensor: Tensor) => {
    initializers.set(name, tensor)
    inference.constant(name, tensor)
  }
  const fresh = freshNames(graph)
  /** Values computed from constants alone. */
  const computed = new Set<string>()
  const context = (node: Node): Context => ({
    shape: value => inference.known.get(value)?.shape,
    type: value => inference.known.get(value)?.type,
    constant: value => initializers.get(value),
    isConstant: value => initializers.has(value) || computed.has(value),
    initializer: tensor => {
      const name = fresh(`${node.outputs[0] ?? node.name}.constant`)
      constant(name, tensor)
      return name
    },
    fresh,
    refuse: (refused, why, way = `export the model with operator set ${OPSET}`) => {
      throw new UserError(
        `cannot read ${file}: ${refused.op} (node "${refused.name}", operator set ${graph.opset}) ${why}; ${way}`,
      )
    },
  })
  const applies = ({ below = Number.POSITIVE_INFINITY, from = 0 }: Rule) => graph.opset < below && graph.opset >= from
  const rules = new Map<string, Rule[]>()
  for (const rule of [...RULES, ...RESIZE, ...NEWER].filter(applies))
    for (const op of rule.ops) rules.set(op, [...(rules.get(op) ?? []), rule])

  for (const original of graph.nodes) {
    const value = original.op === 'Constant' && original.domain === '' ? constantValue(original) : undefined
    if (value) {
      constant(original.outputs[0]!, value)
      continue
    }
    let rewritten: readonly Node[] = [original]
    if (original.domain === '')
      for (const rule of rules.get(original.op) ?? [])
        rewritten = rewritten.flatMap(
          node => (node.op === original.op && rule.rewrite(node, context(original))) || [node],
        )
    for (const node of rewritten) {
      nodes.push(node)
      if (
        node.inputs.length > 0 &&
        node.inputs.every(input => !input || initializers.has(input) || computed.has(input))
      )
        for (const output of node.outputs) computed.add(output)
      try {
        inference.infer(node)
      } catch (error) {
        throw new UserError(`cannot read ${file}: ${reason(error)}; export the model again`, { cause: error })
      }
    }
  }
  const outputs = graph.outputs.map(output => {
    const shape = output.shape.length ? output.shape : inference.known.get(output.name)?.shape
    return { ...output, shape: shape ?? [] }
  })
  return { ...graph, opset: OPSET, nodes, initializers, outputs }
}
