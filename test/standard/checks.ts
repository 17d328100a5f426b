import { UserError } from '../../electron/contract/errors.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { CONSTANT, RULES } from '../../electron/engine/autodiff/rules/table.ts'
import { decompose } from '../../electron/engine/onnx/decompose.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { operatorShapes } from '../../electron/engine/onnx/shape-rules.ts'
import { inferShapes } from '../../electron/engine/onnx/shapes.ts'
import type { Tensor } from '../../electron/engine/onnx/tensor.ts'
import { expectDerivatives, type Feeds } from '../fixtures/interpreter/derivatives.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { expectParity } from '../fixtures/interpreter/parity.ts'
import { interpret, OPERATORS } from '../fixtures/interpreter/run.ts'
import { onNumbers, type RunTensors } from '../fixtures/interpreter/runtimes.ts'
import { fromTensor, type Value } from '../fixtures/interpreter/value.ts'
import { random } from '../fixtures/random.ts'
import { graphOf, type Operands, type StandardCase } from './read.ts'

/** What became of a case under a check; `wrong` says how it differs. */
export type Outcome =
  | { readonly kind: 'right' | 'refused' | 'unsupported' }
  | { readonly kind: 'wrong'; readonly how: string }

/** A check of one case with some operands. */
export type Check = (graph: Graph, standard: StandardCase) => Promise<Outcome> | Outcome

/** Numbers of a value that the referee differentiates within a second. */
const MOST = 3000

const RIGHT: Outcome = { kind: 'right' }
const UNSUPPORTED: Outcome = { kind: 'unsupported' }
const wrong = (how: string): Outcome => ({ kind: 'wrong', how })

/** The graph as the product uses it, or that it refuses the case, or that it has no rule for one of its operators. */
export function prepared(standard: StandardCase, operands: Operands): Graph | Outcome {
  try {
    const graph = decompose(graphOf(standard, operands))
    const known = graph.nodes.every(({ op, domain }) => domain === '' && Object.hasOwn(operatorShapes, op))
    return known ? graph : UNSUPPORTED
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused' }
    throw error
  }
}

/** Results of a runtime against the standard's. @param refusal whether an error says that it has no such operator */
export const resultsIn =
  (run: RunTensors, refusal: (error: unknown) => boolean): Check =>
  async (graph, standard) => {
    try {
      return compared(await run(lower(graph), standard.inputs), standard)
    } catch (error) {
      if (error instanceof UserError) return { kind: 'refused' }
      return refusal(error) ? UNSUPPORTED : wrong(String(error))
    }
  }

/** Results of the referee against the standard's. */
export const resultsOfReferee: Check = (graph, standard) => {
  if (!refereeKnows(graph)) return UNSUPPORTED
  const feeds = Object.fromEntries([...standard.inputs].map(([name, tensor]) => [name, fromTensor(tensor)]))
  try {
    return compared(interpret(graph, feeds), standard)
  } catch (error) {
    return wrong(String(error))
  }
}

/** Inferred types and lengths against those of the standard's results; an unknown length is right. */
export const shapes: Check = (graph, { outputs }) => {
  const known = inferShapes(graph)
  for (const [name, tensor] of outputs) {
    const found = known.get(name)
    if (!found) return UNSUPPORTED
    const fits = found.shape.every((dim, axis) => typeof dim === 'string' || dim === tensor.dims[axis])
    if (found.type !== tensor.type || found.shape.length !== tensor.dims.length || !fits)
      return wrong(`${name} is inferred as ${found.type} [${found.shape}], not ${tensor.type} [${tensor.dims}]`)
  }
  return RIGHT
}

/** Both modes of differentiation against central differences of the referee. */
export const derivatives: Check = (graph, standard) =>
  differentiated(graph, standard, (of, wrt, feeds) => expectDerivatives(graph, of, [wrt], feeds, 5))

/** Both modes of differentiation in a runtime against the referee. */
export const derivativesIn =
  (run: RunTensors, refusal: (error: unknown) => boolean): Check =>
  async (graph, standard) => {
    const outcome = await differentiated(graph, standard, (of, wrt, feeds) =>
      expectParity(onNumbers(run), graph, { of, wrt, feeds }),
    )
    return outcome.kind === 'wrong' && refusal(outcome.how) ? UNSUPPORTED : outcome
  }

async function differentiated(
  graph: Graph,
  standard: StandardCase,
  check: (of: string, wrt: string, feeds: Feeds) => Promise<void> | void,
): Promise<Outcome> {
  const [input, output] = [graph.inputs[0], graph.outputs[0]]
  const differentiable = graph.nodes.every(({ op }) => RULES.has(op) || CONSTANT.has(op))
  const real = graph.inputs.every(({ type }) => type === 'float32') && output?.type === 'float32'
  if (!input || !output || !differentiable || !real || !refereeKnows(graph)) return UNSUPPORTED
  const numbers = [...standard.inputs.values(), ...standard.outputs.values()].map(({ data }) => data.length)
  if (Math.max(...numbers) > MOST) return UNSUPPORTED
  try {
    await check(output.name, input.name, awayFromKinks(standard.inputs))
    return RIGHT
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused' }
    return wrong(String(error))
  }
}

const refereeKnows = (graph: Graph): boolean => graph.nodes.every(({ op }) => Object.hasOwn(OPERATORS, op))

/** The inputs of a case, moved a little: many lie exactly on kinks, such as 0 for Relu, or have equal maxima. */
function awayFromKinks(inputs: ReadonlyMap<string, Tensor>): Feeds {
  const next = random(11)
  return Object.fromEntries(
    [...inputs].map(([name, tensor]) => {
      const { data } = noise(tensor.dims, next)
      const moved = fromTensor(tensor).data.map((value, i) => Math.fround(value + 0.01 * data[i]!))
      return [name, { dims: tensor.dims, data: moved }]
    }),
  )
}

/** Single precision, and the standard's own rounding. */
const close = (actual: number, expected: number): boolean =>
  Object.is(actual, expected) || actual === expected || Math.abs(actual - expected) <= 1e-4 + 1e-3 * Math.abs(expected)

function compared(results: ReadonlyMap<string, Tensor | Value>, { outputs }: StandardCase): Outcome {
  for (const [name, expected] of outputs) {
    const actual = results.get(name)
    if (!actual) return wrong(`${name} is missing`)
    if (actual.dims.join() !== expected.dims.join()) return wrong(`${name} is [${actual.dims}], not [${expected.dims}]`)
    const numbers = [actual.data, expected.data].map(data => Array.from<number | bigint, number>(data, Number))
    const at = numbers[0]!.findIndex((value, i) => !close(value, numbers[1]![i]!))
    if (at >= 0) return wrong(`${name}[${at}] is ${numbers[0]![at]}, not ${numbers[1]![at]}`)
  }
  return RIGHT
}
