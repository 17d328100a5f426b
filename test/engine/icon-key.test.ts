import { describe, expect, test } from 'vitest'
import { iconContext } from '../../electron/engine/atlas/icons.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { contentKey } from '../../electron/engine/store/keys.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { quick } from '../fixtures/inversions.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

/** Conv "early", a gate by what `weigh` makes of the sums of its channels, Conv "late", linear head. */
function gated(weigh: (g: GraphBuilder, x: string, sums: string) => string) {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape: ['N', 3, 32, 32] })
  const conv = (x: string, name: string, from: number): string => {
    const w = g.initializer(float32([4, from, 3, 3], normals(from, 36 * from, 0.2)))
    g.append({
      op: 'Conv',
      domain: '',
      name,
      inputs: [x, w],
      outputs: [name],
      attributes: { pads: ints([1, 1, 1, 1]) },
    })
    return name
  }
  const early = conv('x', 'early', 3)
  const sums = g.node('ReduceSum', [early, g.integers([2, 3])])
  const late = conv(g.mul(early, g.node('Sigmoid', [weigh(g, early, sums)])), 'late', 4)
  const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [late])], { axis: int(1) })
  const logits = g.node('MatMul', [pooled, g.initializer(float32([4, 3], normals(9, 12)))])
  const graph = g.build('gated', [{ name: logits, type: 'float32', shape: ['N', 3] }], 17)
  return classifierOf(
    { file: 'gated.onnx', hash: 'gated', graph },
    {
      name: 'gated',
      input: { size: 32, channels: 'RGB', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1], resize: 'stretch' },
      logits,
      layers: { early: 'early', late: 'late' },
      license: 'unknown',
      source: 'a test',
    },
  )
}

const length = (g: GraphBuilder, x: string, axis: number): string =>
  g.node('Gather', [g.node('Shape', [x]), g.integers([axis])], { axis: int(0) })

const byComputedSize = () =>
  gated((g, x, sums) => g.div(sums, g.node('Cast', [g.mul(length(g, x, 2), length(g, x, 3))], { to: int(1) })))
const byChannels = () =>
  gated((g, x, sums) =>
    g.node('Reshape', [sums, g.concat([length(g, x, 0), length(g, x, 1), g.integers([1]), g.integers([1])], 0)]),
  )

describe('the key of icons', () => {
  test.each([
    ['of a network whose lengths are all fixed is what it was', classifierFrom(networks.inception({})), 'mixed3a', 1],
    ['of one that computes its batch and channels only is what it was', byChannels(), 'late', 1],
    ['in front of what depends on the size is what it was', byComputedSize(), 'early', 1],
    ['after it is another', byComputedSize(), 'late', 2],
  ])('%s', (_, classifier, name, version) => {
    const layer = classifier.layers.find(each => each.name === name)!
    const statistics = { whitening: undefined, mean: undefined } as never
    expect(iconContext(classifier, layer, { inversion: quick, seed: 3 }, statistics)).toBe(
      contentKey({
        inversion: version,
        model: classifier.hash,
        preprocessing: JSON.stringify(classifier.preprocessing),
        layer: layer.tensor,
        params: JSON.stringify(quick),
        seed: 3,
        whitening: null,
      }),
    )
  })
})
