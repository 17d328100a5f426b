import { describe, it } from 'vitest'
import { EXACT } from '../../electron/engine/autodiff/options.ts'
import { feedsOf, graphOf } from '../fixtures/interpreter/case.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { image, operatorCases } from '../fixtures/interpreter/operator-cases.ts'
import { expectParity } from '../fixtures/interpreter/parity.ts'
import { inOnnxRuntime, onNumbers } from '../fixtures/interpreter/runtimes.ts'
import { networks } from '../fixtures/networks.ts'
import { random } from '../fixtures/random.ts'

const run = onNumbers(inOnnxRuntime)

describe('the referee and ONNX Runtime agree on operators and their derivatives', () => {
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

describe('the referee and ONNX Runtime agree on networks', () => {
  for (const [name, network] of Object.entries(networks))
    for (const sizes of ['known', 'free'] as const)
      it(`${name}, of ${sizes} size`, async () => {
        const { graph, logits } = network(sizes === 'known' ? { batch: 1, height: 9, width: 8 } : {})
        const shape = [...graph.outputs, { ...graph.outputs[0]!, name: logits }]
        const data = noise([1, 3, 9, 8], random(2))
        await expectParity(run, { ...graph, outputs: shape }, { of: logits, wrt: 'data', feeds: { data } })
      })
})
