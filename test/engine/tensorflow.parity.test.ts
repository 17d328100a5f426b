import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { EXACT } from '../../electron/engine/autodiff/options.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { loadTensorflow } from '../../electron/engine/runtime/tensorflow/load.ts'
import { TensorflowProgram } from '../../electron/engine/runtime/tensorflow/program.ts'
import type { Value } from '../../electron/engine/runtime/tensorflow/value.ts'
import { feedsOf, graphOf } from '../fixtures/interpreter/case.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { image, operatorCases } from '../fixtures/interpreter/operator-cases.ts'
import { expectParity } from '../fixtures/interpreter/parity.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import { inTensorflow, onNumbers } from '../fixtures/interpreter/runtimes.ts'
import { networks } from '../fixtures/networks.ts'
import { normals, random } from '../fixtures/random.ts'

beforeAll(() => loadTensorflow())

const run = onNumbers(inTensorflow)

describe('the referee and TensorFlow agree on operators and their derivatives', () => {
  for (const [name, { inputs = image, expression, positive = false, options }] of Object.entries(operatorCases))
    it(name, async () => {
      const feeds = feedsOf(inputs, 6, positive)
      for (const sizes of ['known', 'free'] as const) {
        const graph = graphOf(sizes, inputs, expression)
        const of = graph.outputs[0]!.name
        await expectParity(run, graph, { of, wrt: 'x', feeds, options: { ...EXACT, ...options } })
      }
    })
})

describe('TensorFlow follows the standard, or refuses', () => {
  const result = async (
    graph: ReturnType<typeof graphOf>,
    feeds: Readonly<Record<string, { dims: readonly number[]; data: readonly number[] }>>,
  ) => (await run(graph, feeds)).get(graph.outputs[0]!.name)!

  it('the last of several maxima, where it is requested', async () => {
    for (const last of [0, 1])
      for (const keepdims of [0, 1]) {
        const graph = graphOf('known', { x: [2, 4] }, (g, x) =>
          g.node(
            'Cast',
            [g.node('ArgMax', [x], { axis: int(1), select_last_index: int(last), keepdims: int(keepdims) })],
            { to: int(1) },
          ),
        )
        const found = await result(graph, { x: { dims: [2, 4], data: [1, 3, 3, 0, 5, 2, 5, 5] } })
        expect(found).toEqual({ dims: keepdims ? [2, 1] : [2], data: last ? [2, 3] : [1, 0] })
      }
  })

  it('products of which both batches are repeated', async () => {
    const feeds = feedsOf({ a: [3, 1, 3, 4], b: [1, 2, 4, 2] }, 4)
    const graph = graphOf('known', { a: [3, 1, 3, 4], b: [1, 2, 4, 2] }, (g, a, b) => g.matmul(a, b))
    const expected = interpret(graph, feeds).get(graph.outputs[0]!.name)!
    const found = await result(graph, feeds)
    expect(found.dims).toEqual([3, 2, 3, 2])
    for (const [i, value] of expected.data.entries()) expect(found.data[i]).toBeCloseTo(value, 4)
  })

  it('a convolution along one axis, as that of channels in ECA', async () => {
    const g = new GraphBuilder()
    const x = g.input({ name: 'x', type: 'float32', shape: [2, 1, 8] })
    const y = g.node('Conv', [x, g.initializer(float32([1, 1, 3], [1, 2, 1]))], { pads: ints([1, 1]) })
    const along = g.build('along', [{ name: y, type: 'float32', shape: [2, 1, 8] }])
    await expect(result(along, { x: noise([2, 1, 8], random(1)) })).rejects.toThrow(
      /Conv .* has 1 spatial axes, but the TensorFlow runtime supports two/,
    )
  })

  it('a sum over nothing, and a transposed convolution whose missing elements could lie on either side', async () => {
    const nothing = new GraphBuilder()
    const x = nothing.input({ name: 'x', type: 'float32', shape: [2, 0] })
    const sum = nothing.reduceSum(x, [1], false)
    const empty = nothing.build('nothing', [{ name: sum, type: 'float32', shape: [2] }])
    await expect(result(empty, { x: { dims: [2, 0], data: [] } })).rejects.toThrow(/ReduceSum .* without elements/)
    const wide = new GraphBuilder()
    const image = wide.input({ name: 'x', type: 'float32', shape: [1, 1, 3, 3] })
    const y = wide.node('ConvTranspose', [image, wide.initializer(float32([1, 1, 1, 1], [1]))], {
      strides: ints([2, 2]),
      auto_pad: string('SAME_UPPER'),
    })
    const spread = wide.build('spread', [{ name: y, type: 'float32', shape: [1, 1, 6, 6] }])
    await expect(result(spread, { x: noise([1, 1, 3, 3], random(1)) })).rejects.toThrow(
      /ConvTranspose .* strides larger than its kernel/,
    )
  })
})

describe('the referee and TensorFlow agree on networks', () => {
  for (const [name, network] of Object.entries(networks))
    for (const sizes of ['known', 'free'] as const)
      it(`${name}, of ${sizes} size`, async () => {
        const { graph, logits } = network(sizes === 'known' ? { batch: 1, height: 9, width: 8 } : {})
        const shape = [...graph.outputs, { ...graph.outputs[0]!, name: logits }]
        const data = noise([1, 3, 9, 8], random(2))
        await expectParity(run, { ...graph, outputs: shape }, { of: logits, wrt: 'data', feeds: { data } })
      })
})

it('a thousand runs with state hold as many tensors as one', () => {
  const { graph, logits } = networks.inception({ batch: 1, height: 9, width: 8 })
  const outputs = [{ ...graph.outputs[0]!, name: logits }]
  const back = gradient({ ...graph, outputs }, { ...EXACT, of: logits, seed: 'upstream', wrt: ['data'] })
  const before = tf.memory()
  const program = new TensorflowProgram(lower(back))
  const state = new Map<string, Value>()
  const feeds = { upstream: float32([1, 10], normals(3, 10)) }
  const counts = new Set<string>()
  for (let run = 1; run <= 1000; run++) {
    const first = run === 1 && { data: float32([1, 3, 9, 8], normals(4, 3 * 9 * 8)) }
    const keep = { [gradientOf('data')]: 'data' }
    program.run({ program: 0, feeds: { ...feeds, ...first }, fetches: [logits], state: keep }, state)
    const { numTensors, numDataBuffers, numBytes } = tf.memory()
    counts.add(`${numTensors} tensors, ${numDataBuffers} buffers, ${numBytes} bytes`)
  }
  expect(counts.size).toBe(1)
  for (const value of state.values()) if (value.kind === 'device') value.dispose()
  program.dispose()
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers })
})
