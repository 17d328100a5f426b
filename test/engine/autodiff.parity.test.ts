import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, it } from 'vitest'
import { EXACT } from '../../electron/engine/autodiff/options.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { feedsOf, graphOf } from '../fixtures/interpreter/case.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { image, operatorCases } from '../fixtures/interpreter/operator-cases.ts'
import { expectParity, type RunOnce } from '../fixtures/interpreter/parity.ts'
import { networks } from '../fixtures/networks.ts'
import { random } from '../fixtures/random.ts'

const inOnnxRuntime: RunOnce = async (graph, feeds) => {
  const session = await InferenceSession.create(writeGraph(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 })
  try {
    const tensors = graph.inputs.map(({ name }) => {
      const { dims, data } = feeds[name]!
      return [name, new OrtTensor('float32', Float32Array.from(data), [...dims])] as const
    })
    const results = await session.run(Object.fromEntries(tensors))
    return new Map(
      Object.entries(results).map(([name, tensor]) => {
        if (!(tensor.data instanceof Float32Array)) throw new Error(`"${name}" is ${tensor.type}`)
        return [name, { dims: tensor.dims, data: [...tensor.data] }]
      }),
    )
  } finally {
    await session.release()
  }
}

describe('the referee and ONNX Runtime agree on operators and their derivatives', () => {
  for (const [name, { inputs = image, expression, positive = false, options }] of Object.entries(operatorCases))
    it(name, async () => {
      const feeds = feedsOf(inputs, 6, positive)
      for (const sizes of ['known', 'free'] as const) {
        const graph = graphOf(sizes, inputs, expression)
        const of = graph.outputs[0]!.name
        await expectParity(inOnnxRuntime, graph, { of, wrt: 'x', feeds, options: { ...EXACT, ...options } })
      }
    })
})

describe('the referee and ONNX Runtime agree on networks', () => {
  for (const [name, network] of Object.entries(networks))
    for (const sizes of ['known', 'free'] as const)
      it(`${name}, of ${sizes} size`, async () => {
        const { graph, logits } = network(sizes === 'known' ? { batch: 1, height: 9, width: 8 } : {})
        const shape = [...graph.outputs, { ...graph.outputs[0]!, name: logits }]
        const data = noise([1, 3, 9, 8], random(2))
        await expectParity(inOnnxRuntime, { ...graph, outputs: shape }, { of: logits, wrt: 'data', feeds: { data } })
      })
})
