import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { PORTOLAN } from '../onnx/builder.ts'
import type { Graph } from '../onnx/graph.ts'
import { operatorShapes } from '../onnx/shape-rules.ts'

const QUANTISED = /^(Q[A-Z]|QLinear|QuantizeLinear|DequantizeLinear|DynamicQuantize|ConvInteger|MatMulInteger)/

/**
 * Refuses a graph with an operator that Portolan does not support.
 * @throws UserError, one sentence with operator, node and way out
 */
export function requireKnownOperators(graph: Graph, file: string): void {
  const node = graph.nodes.find(
    ({ op, domain }) => domain !== PORTOLAN && (domain !== '' || !Object.hasOwn(operatorShapes, op)),
  )
  if (!node) return
  const name = basename(file)
  const which = `${node.op} (node "${node.name || node.outputs[0]}")`
  if (QUANTISED.test(node.op))
    throw new UserError(
      `cannot use ${name}: it is quantised, with the operator ${which} before its logits; use the float32 model that it was quantised from`,
    )
  if (node.domain !== '')
    throw new UserError(
      `cannot use ${name}: the operator ${which} before its logits is of the domain "${node.domain}", a custom operator or a local function; export the model with standard ONNX operators alone, and functions inlined (onnx.inliner)`,
    )
  throw new UserError(
    `cannot use ${name}: it has the operator ${which} before its logits, which Portolan does not support; export the model without it`,
  )
}
