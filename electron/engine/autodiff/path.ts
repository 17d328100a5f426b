import { UserError } from '../../contract/errors.ts'
import { PORTOLAN } from '../onnx/builder.ts'
import { attribute, type Graph, type Node } from '../onnx/graph.ts'
import type { Rule } from './rule.ts'
import { CONSTANT, RULES } from './rules/table.ts'

/** A node on the way from the variables to the objective, and its rule. */
export interface Step {
  readonly node: Node
  readonly rule: Rule
}

export interface Path {
  /** In the order of the graph. */
  readonly steps: readonly Step[]
  /** Values that depend on the variables, and that the objective depends on. */
  readonly active: ReadonlySet<string>
}

/**
 * The nodes that lie between some variables and some objectives; only these are differentiated.
 * @throws UserError when an objective does not depend on any variable, when a variable is not in the graph, and when
 *         an operator on the way has no rule
 */
export function path(graph: Graph, wrt: readonly string[], of: readonly string[]): Path {
  const known = new Set([...graph.inputs.map(input => input.name), ...graph.initializers.keys()])
  for (const node of graph.nodes) for (const output of node.outputs) known.add(output)
  const missing = [...wrt, ...of].find(name => !known.has(name))
  if (missing !== undefined)
    throw new UserError(`cannot differentiate: there is no value "${missing}" in ${graph.name}`)

  const reached = new Set(wrt)
  const moving: Node[] = []
  for (const node of graph.nodes) {
    if (CONSTANT.has(node.op) || isDiscreteCast(node) || !node.inputs.some(input => reached.has(input))) continue
    moving.push(node)
    for (const output of node.outputs) if (output) reached.add(output)
  }
  const unmoved = of.find(name => !reached.has(name))
  if (unmoved !== undefined)
    throw new UserError(
      `cannot differentiate "${unmoved}": it does not depend on ${wrt.map(name => `"${name}"`).join(', ')}`,
    )

  const wanted = new Set(of)
  const steps: Step[] = []
  for (const node of moving.toReversed()) {
    if (!node.outputs.some(output => wanted.has(output))) continue
    steps.push({ node, rule: ruleOf(node) })
    for (const input of node.inputs) if (reached.has(input)) wanted.add(input)
  }
  return { steps: steps.reverse(), active: new Set([...reached].filter(name => wanted.has(name))) }
}

/** Casts to numbers that are not floating-point are jumps. */
const isDiscreteCast = (node: Node): boolean =>
  node.op === 'Cast' && ![1, 10, 11].includes(attribute(node, 'to', 'int', 1))

function ruleOf(node: Node): Rule {
  const rule = node.domain === '' || node.domain === PORTOLAN ? RULES.get(node.op) : undefined
  if (rule) return rule
  throw new UserError(
    `cannot differentiate ${node.domain ? `${node.domain}.` : ''}${node.op} "${node.name || node.outputs[0]}": ` +
      'Portolan has no rule for this operator; choose a layer behind it, or export the model without it',
  )
}
