import * as tf from '@tensorflow/tfjs-core'
import { reason } from '../../../contract/errors.ts'
import type { Graph, Node } from '../../onnx/graph.ts'
import type { Tensor } from '../../onnx/tensor.ts'
import type { Run } from '../serve.ts'
import { elementwise } from './elementwise.ts'
import { hostOperators } from './host.ts'
import { movement } from './movement.ts'
import type { Operator, Operators } from './operator.ts'
import { reductions } from './reductions.ts'
import { Device, tensorOf, type Value, valueFrom } from './value.ts'
import { type KernelOf, windowOperators } from './windows.ts'

/** All operators on values of the device; `hostOperators` are those on lengths and indices. */
export const operatorsWith = (kernelOf: KernelOf): Operators => ({
  ...movement,
  ...elementwise,
  ...reductions,
  ...windowOperators(kernelOf),
})

/** A node with its operator, and the values that no later node reads. */
interface Step {
  readonly node: Node
  readonly operator: Operator
  readonly dead: readonly string[]
}

/**
 * Runs a graph on TensorFlow operator by operator, and releases each value after its last reader. Weights are uploaded
 * once; kernels are transposed to TensorFlow's order of axes once, at their first use.
 */
export class TensorflowProgram {
  readonly #graph: Graph
  readonly #steps: readonly Step[]
  readonly #constants = new Map<string, Value>()
  readonly #kernels = new Map<string, tf.Tensor>()
  readonly #constantDevices = new Set<Device>()

  /** @throws Error naming an operator that this runtime does not support */
  constructor(graph: Graph) {
    this.#graph = graph
    this.#steps = plan(
      graph,
      operatorsWith((node, weights, create) => this.#kernel(node, weights, create)),
    )
    for (const [name, tensor] of graph.initializers) {
      const value = valueFrom(tensor)
      this.#constants.set(name, value)
      if (value instanceof Device) this.#constantDevices.add(value)
    }
  }

  #kernel(node: Node, weights: Device, create: () => tf.Tensor): tf.Tensor {
    if (!this.#constantDevices.has(weights)) return create()
    const key = node.name + node.outputs[0]
    const known = this.#kernels.get(key)
    if (known) return known
    const kernel = tf.keep(create())
    this.#kernels.set(key, kernel)
    return kernel
  }

  /**
   * Runs the graph once.
   * @param state values of the last run by input; replaced by this run's
   */
  run({ feeds, fetches, state: keep }: Run, state: Map<string, Value>): Record<string, Tensor> {
    const values = new Map<string, Value>()
    const own = new Set<Value>()
    const store = (name: string, value: Value): void => {
      values.set(name, value)
      own.add(value)
    }
    try {
      for (const { name } of this.#graph.inputs) {
        const fed = feeds[name]
        const before = state.get(name)
        if (fed) store(name, valueFrom(fed))
        else if (before) values.set(name, before)
        else throw new Error(`the input "${name}" has no state yet: feed it first`)
      }
      const needed = new Set([...fetches, ...Object.keys(keep)])
      for (const step of this.#steps) {
        this.#do(step, values, store)
        for (const name of step.dead) {
          const value = values.get(name)
          if (needed.has(name) || value === undefined || !own.has(value)) continue
          values.delete(name)
          own.delete(value)
          dispose(value)
        }
      }
      const outputOf = (name: string): Value => values.get(name) ?? this.#constants.get(name)!
      const results = fetches.map(name => {
        const { type } = this.#graph.outputs.find(output => output.name === name)!
        return [name, tensorOf(outputOf(name), type)] as const
      })
      for (const [output, input] of Object.entries(keep)) {
        const before = state.get(input)
        const next = outputOf(output)
        own.delete(next)
        state.set(input, next)
        if (before && before !== next) dispose(before)
      }
      return Object.fromEntries(results)
    } finally {
      for (const value of own) dispose(value)
    }
  }

  #do({ node, operator }: Step, values: Map<string, Value>, store: (name: string, value: Value) => void): void {
    const inputs = node.inputs.map(name => (name === '' ? undefined : (values.get(name) ?? this.#constants.get(name))))
    try {
      tf.tidy(() => {
        const present = inputs.filter(input => input !== undefined)
        const onHost = present.length > 0 && present.every(input => input.kind === 'host') && hostOperators[node.op]
        const results = (onHost || operator)(inputs, node)
        for (const [i, name] of node.outputs.entries()) {
          if (!name) continue
          if (!results[i]) throw new Error(`output ${i} of ${node.op} is not supported by the TensorFlow runtime`)
          store(name, results[i])
        }
      })
    } catch (error) {
      throw new Error(`${node.op} "${node.name}": ${reason(error)}`, { cause: error })
    }
  }

  dispose(): void {
    for (const value of this.#constants.values()) dispose(value)
    for (const kernel of this.#kernels.values()) kernel.dispose()
  }
}

export const dispose = (value: Value): void => {
  if (value.kind === 'device') value.dispose()
}

function plan(graph: Graph, operators: Operators): Step[] {
  const lastReader = new Map<string, number>()
  for (const [i, node] of graph.nodes.entries())
    for (const name of [...node.outputs, ...node.inputs]) if (name) lastReader.set(name, i)
  const dead = graph.nodes.map((): string[] => [])
  for (const [name, i] of lastReader) if (!graph.initializers.has(name)) dead[i]!.push(name)
  return graph.nodes.map((node, i) => {
    const operator = node.domain === '' ? (operators[node.op] ?? hostOperators[node.op]) : undefined
    if (!operator) throw new Error(`the TensorFlow runtime does not support ${node.op} (node "${node.name}")`)
    return { node, operator, dead: dead[i]! }
  })
}
