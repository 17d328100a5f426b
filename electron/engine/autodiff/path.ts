import { UserError } from '../../contract/errors.ts'
import { PORTOLAN } from '../onnx/builder.ts'
import { attribute, type Graph, type Node } from '../onnx/graph.ts'
import type { Rule } from './rule.ts'
import { CONSTANT, RULES } from './rules/table.ts'

/** A node between the variables and the objective, and its rule. */
export interface Step {
  readonly node: Node
  readonly rule: Rule
}

interface Path {
  /** In the order of the graph. */
  readonly steps: readonly Step[]
  /** Values that depend on the variables, and that the objective depends on. */
  readonly active: ReadonlySet<string>
}

/**
 * The nodes between some variables and some objectives; only these are differentiated.
 * @throws UserError when an objective does not depend on any variable, when a variable is not in the graph, and when
 *         an operator between them has no rule
 */
export function path(graph: Graph, wrt: readonly string[], of: readonly string[]): Path {
  const known = new Set([...graph.inputs.map(input => input.name), ...graph.initializers.keys()])
  for (const node of graph.nodes) for (const output of node.outputs) known.add(output)
  const missing = [...wrt, ...of].find(name => !known.has(name))
  if (missing !== undefined) throw new UserError(`cannot differentiate: ${graph.name} has no value "${missing}"`)

  const dependentValues = new Set(wrt)
  const dependent: Node[] = []
  for (const node of graph.nodes) {
    if (CONSTANT.has(node.op) || isDiscreteCast(node) || !node.inputs.some(input => dependentValues.has(input)))
      continue
    dependent.push(node)
    for (const output of node.outputs) if (output) dependentValues.add(output)
  }
  const independent = of.find(name => !dependentValues.has(name))
  if (independent !== undefined)
    throw new UserError(
      `cannot differentiate "${independent}": it does not depend on ${wrt.map(name => `"${name}"`).join(', ')}`,
    )

  const needed = new Set(of)
  const steps: Step[] = []
  for (const node of dependent.toReversed()) {
    if (!node.outputs.some(output => needed.has(output))) continue
    steps.push({ node, rule: ruleOf(node) })
    for (const input of node.inputs) if (dependentValues.has(input)) needed.add(input)
  }
  return { steps: steps.reverse(), active: new Set([...dependentValues].filter(name => needed.has(name))) }
}

/** Casts to integers and booleans are step functions. */
const isDiscreteCast = (node: Node): boolean =>
  node.op === 'Cast' && ![1, 10, 11].includes(attribute(node, 'to', 'int', 1))

function ruleOf(node: Node): Rule {
  const rule = node.domain === '' || node.domain === PORTOLAN ? RULES.get(node.op) : undefined
  if (rule) return rule
  throw new UserError(
    `cannot differentiate ${node.domain ? `${node.domain}.` : ''}${node.op} "${node.name || node.outputs[0]}": ` +
      'Portolan has no rule for this operator; choose a layer closer to the output, or export the model without it',
  )
}
