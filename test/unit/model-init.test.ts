import { describe, expect, test } from 'vitest'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { undifferentiable } from '../../electron/engine/model/operators.ts'
import { inputSize } from '../../electron/engine/model/sidecar.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Dim, type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32, type TensorType } from '../../electron/engine/onnx/tensor.ts'
import { modelFile, proposedClassifier } from '../fixtures/classifier.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'
import { transformers } from '../fixtures/transformers.ts'

const g = () => new GraphBuilder()
const weights = (g: GraphBuilder, ...dims: number[]): string =>
  g.initializer(
    float32(
      dims,
      normals(
        dims.length,
        dims.reduce((a, b) => a * b, 1),
        0.3,
      ),
    ),
  )
const named = (g: GraphBuilder, name: string, op: string, inputs: string[], attributes = {}): string => {
  g.append({ op, domain: '', name, inputs, outputs: [name], attributes })
  return name
}

interface Trunk {
  readonly shape?: readonly Dim[]
  readonly type?: TensorType
  readonly before?: (g: GraphBuilder, x: string) => string
}
/** Two convolutions with a ReLU each and their mean over the image, [N, 8]; then what `end` makes: its outputs. */
function model(end: (g: GraphBuilder, features: string) => readonly string[], trunk: Trunk = {}): Graph {
  const { shape = ['N', 3, 16, 16], type = 'float32', before = (_, x) => x } = trunk
  const b = g()
  b.input({ name: 'image', type, shape })
  const channels = typeof shape[1] === 'number' ? shape[1] : 3
  const conv = (x: string, ic: number, name: string) =>
    named(b, name, 'Relu', [b.node('Conv', [x, weights(b, 8, ic, 3, 3)], { pads: ints([1, 1, 1, 1]) })])
  const two = conv(conv(before(b, 'image'), channels, 'one'), 8, 'two')
  const features = named(b, 'features', 'ReduceMean', [two], { axes: ints([2, 3]), keepdims: int(0) })
  const outputs = end(b, features)
  return b.build(
    'net',
    outputs.map(name => ({ name, type: 'float32' as const, shape: [] })),
  )
}
const linear = (g: GraphBuilder, x: string, name: string, classes = 5): string =>
  named(g, name, 'Gemm', [x, weights(g, 8, classes)])

const propose = (graph: Graph) => proposeSidecar(modelFile(graph))

describe('the logits are the output of the final classifier', () => {
  const softmaxByHand = (g: GraphBuilder, x: string): string => {
    const most = g.node('ReduceMax', [x], { axes: ints([1]), keepdims: int(1) })
    const powers = g.node('Exp', [g.sub(x, most)])
    return g.div(powers, g.reduceSum(powers, [1], true))
  }
  const sum = (g: GraphBuilder, x: string) => g.reduceSum(x, [1], true)
  test.each<[string, Graph, string, string, string[]]>([
    [
      'an auxiliary head last',
      model((g, x) => [linear(g, x, 'logits'), linear(g, x, 'aux_logits')]),
      'logits',
      'softmax',
      ['aux_logits'],
    ],
    [
      'an auxiliary head with the last softmax',
      model((g, x) => [
        g.node('Softmax', [linear(g, x, 'fc')], { axis: int(1) }),
        g.node('Softmax', [linear(g, x, 'aux')], { axis: int(1) }),
      ]),
      'fc',
      'softmax',
      ['aux'],
    ],
    ['features last', model((g, x) => [linear(g, x, 'logits'), x]), 'logits', 'softmax', ['features']],
    [
      'an embedding before its classifier',
      model((g, x) => {
        const embedding = named(g, 'e', 'Gemm', [x, weights(g, 8, 8)])
        return [embedding, linear(g, g.node('Relu', [embedding]), 'scores')]
      }),
      'scores',
      'softmax',
      ['e'],
    ],
    [
      'a softmax inside and none at the end',
      model((g, x) => {
        const routed = g.node('Softmax', [linear(g, x, 'routing', 8)], { axis: int(1) })
        return [linear(g, g.mul(x, routed), 'fc')]
      }),
      'fc',
      'softmax',
      [],
    ],
    ['a softmax in its parts', model((g, x) => [softmaxByHand(g, linear(g, x, 'fc'))]), 'fc', 'softmax', []],
    [
      'a softmax in its parts without a shift',
      model((g, x) => {
        const powers = g.node('Exp', [linear(g, x, 'fc')])
        return [g.div(powers, sum(g, powers))]
      }),
      'fc',
      'softmax',
      [],
    ],
    [
      'a log softmax in its parts',
      model((g, x) => {
        const fc = linear(g, x, 'fc')
        return [g.sub(fc, g.node('Log', [sum(g, g.node('Exp', [fc]))]))]
      }),
      'fc',
      'softmax',
      [],
    ],
    ['many sigmoids', model((g, x) => [g.node('Sigmoid', [linear(g, x, 'fc')])]), 'fc', 'sigmoid', []],
    ['one sigmoid', model((g, x) => [g.node('Sigmoid', [linear(g, x, 'fc', 1)])]), 'fc', 'sigmoid', []],
    [
      'the index of the class',
      model((g, x) => [g.node('ArgMax', [linear(g, x, 'fc')], { axis: int(1), keepdims: int(0) })]),
      'fc',
      'softmax',
      [],
    ],
  ])('%s', (_, graph, logits, probabilities, others) => {
    const sidecar = propose(graph)
    expect([sidecar.logits, sidecar.probabilities]).toEqual([logits, probabilities])
    expect(sidecar.alternatives?.logits ?? []).toEqual(others)
    if (others.length) expect(sidecar.unconfirmed).toContain('logits')
    expect(() => classifierOf(modelFile(graph), sidecar)).not.toThrow()
  })

  test('logits without a softmax or sigmoid are a guess, and so is which of the two', () => {
    const { unconfirmed, alternatives } = propose(model((g, x) => [linear(g, x, 'fc')]))
    expect(unconfirmed).toEqual(expect.arrayContaining(['logits', 'probabilities']))
    expect(alternatives?.probabilities).toEqual(['sigmoid'])
  })

  test('one score is a network of two classes', () => {
    const graph = model((g, x) => [g.node('Sigmoid', [linear(g, x, 'fc', 1)])])
    const classifier = classifierOf(modelFile(graph), propose(graph))
    expect(classifier.labels).toHaveLength(2)
    expect(classifier.probabilities).toBe('softmax')
    expect(() => classifierOf(modelFile(graph), { ...propose(graph), probabilities: 'softmax' })).toThrow(
      /single score, whose softmax is always 100 %.*"probabilities": "sigmoid"/,
    )
  })
})

describe("range and order are read from the graph's normalisation", () => {
  const laid = (g: GraphBuilder, values: number[]) => g.initializer(float32([1, 3, 1, 1], values))
  const MEAN = [0.485, 0.456, 0.406]
  const STD = [0.229, 0.224, 0.225]
  const pixels = (values: number[]) => values.map(value => 255 * value)
  const end = (g: GraphBuilder, x: string) => [linear(g, x, 'fc')]
  test.each<[string, Trunk['before'], [number, number], string]>([
    ['0 to 1, normalised', (g, x) => g.div(g.sub(x, laid(g, MEAN)), laid(g, STD)), [0, 1], 'RGB'],
    ['0 to 255, normalised', (g, x) => g.div(g.sub(x, laid(g, pixels(MEAN))), laid(g, pixels(STD))), [0, 255], 'RGB'],
    ['0 to 255, a mean in BGR', (g, x) => g.sub(x, laid(g, pixels(MEAN).reverse())), [0, 255], 'BGR'],
    [
      'swapped first, then a mean in BGR',
      (g, x) => g.sub(g.node('Gather', [x, g.integers([2, 1, 0])], { axis: int(1) }), laid(g, pixels(MEAN).reverse())),
      [0, 255],
      'RGB',
    ],
    ['0 to 255 over 255', (g, x) => g.div(x, g.scalar(255)), [0, 255], 'RGB'],
    ['0 to 255 to −1 to 1', (g, x) => g.sub(g.div(x, g.scalar(127.5)), g.scalar(1)), [0, 255], 'RGB'],
    ['0 to 1 to −1 to 1', (g, x) => g.sub(g.mul(x, g.scalar(2)), g.scalar(1)), [0, 1], 'RGB'],
  ])('%s', (_, before, range, channels) => {
    const { input, unconfirmed } = propose(model(end, { before: before! }))
    expect([input.range, input.channels]).toEqual([range, channels])
    expect([input.mean, input.std]).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
    expect(unconfirmed).not.toContain('input.range')
  })
})

test('height and width are both in the sidecar where they differ', () => {
  const sidecar = propose(model((g, x) => [linear(g, x, 'fc')], { shape: ['N', 3, 16, 24] }))
  expect(sidecar.input.size).toEqual([16, 24])
  expect(inputSize(sidecar.input)).toEqual({ height: 16, width: 24 })
})

describe('an unusable model is refused for its own reason, with the way out', () => {
  const end = (g: GraphBuilder, x: string) => [linear(g, x, 'fc')]
  const odd = (op: string, domain: string) =>
    model((g, x) => {
      const y = g.nodes(op, [x], 1, {}, domain)[0]!
      return [linear(g, y, 'fc')]
    })
  test.each<[string, Graph, RegExp]>([
    ['four channels', model(end, { shape: ['N', 4, 16, 16] }), /takes 4 channels, but a photograph has 3/],
    ['flat', flat(), /float32 \[N, 784\], not an image.*without the flattening/],
    ['no shape', model(end, { shape: [] }), /has no shape in the file/],
    ['whole numbers', model(end, { type: 'uint8' }), /takes uint8 numbers.*float32 input/],
    ['colours last', model(end, { shape: ['N', 16, 16, 3] }), /colours last.*--inputs-as-nchw/],
    ['quantised', odd('DequantizeLinear', ''), /it is quantised.*DequantizeLinear.*float32 model/],
    ['quantised by ONNX Runtime', odd('QLinearConv', 'com.microsoft'), /it is quantised/],
    ['a local function', odd('Block', 'my.module'), /"my\.module", a custom operator or a local function.*inlined/],
    ['an unknown operator', odd('GridSample', ''), /the operator GridSample .* does not support/],
    ['features alone', features(), /no classifier, because no output/],
  ])('%s', (_, graph, message) => expect(() => propose(graph)).toThrow(message))

  function flat(): Graph {
    const b = g()
    b.input({ name: 'image', type: 'float32', shape: ['N', 784] })
    return b.build('net', [{ name: named(b, 'fc', 'Gemm', ['image', weights(b, 784, 5)]), type: 'float32', shape: [] }])
  }
  function features(): Graph {
    return model((g, x) => [g.div(x, g.node('ReduceL2', [x], { axes: ints([1]), keepdims: int(1) })), 'two'])
  }

  test('a fixed batch names dynamic_axes', () => {
    // A token before every photograph, as in a transformer that was exported for one image.
    const graph = model(
      (g, x) => {
        const rows = g.node('Unsqueeze', [x, g.integers([1])])
        const both = g.concat([weights(g, 1, 1, 8), rows], 1)
        return [linear(g, g.node('ReduceMean', [both], { axes: ints([1]), keepdims: int(0) }), 'fc')]
      },
      { shape: [1, 3, 16, 16] },
    )
    expect(() => propose(graph)).toThrow(/exported for 1 image at once .*dynamic_axes=\{"image": \{0: "batch"\}\}/)
  })

  test('so does a squeeze of all lengths of 1, which takes the batch too', () => {
    const graph = model(
      (g, x) => [linear(g, g.mul(x, g.reshape(g.node('Squeeze', [g.node('Sigmoid', [x])]), [1, 8])), 'fc')],
      { shape: [1, 3, 16, 16] },
    )
    expect(() => classifierOf(modelFile(graph), propose(graph))).toThrow(
      /Reshape .* cannot take .*with a free batch: dynamic_axes=\{"image": \{0: "batch"\}\}/,
    )
  })
})

describe('simple variants are supported', () => {
  test('grey images: a colour image is weighed by its luma', () => {
    const graph = model((g, x) => [linear(g, x, 'fc')], { shape: ['N', 1, 16, 16] })
    const sidecar = propose(graph)
    expect(sidecar.input).toMatchObject({ range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] })
    const classifier = classifierOf(modelFile(graph), sidecar)
    expect(classifier.graph.inputs[0]!.shape).toEqual(['N', 3, 'H', 'W'])
  })
  test('double precision becomes single', () => {
    const graph = model((g, x) => [linear(g, x, 'fc')], {
      type: 'float64',
      before: (g, x) => g.node('Cast', [x], { to: int(1) }),
    })
    const classifier = classifierOf(modelFile(graph), propose(graph))
    expect(classifier.graph.inputs[0]!.type).toBe('float32')
  })
})

describe('layers of transformers', () => {
  const layersOf = (graph: Graph) => {
    const { layers } = proposedClassifier(graph)
    return layers.map(({ tensor, channels, height, width, stride, receptiveField }) => ({
      tensor,
      units: [height, width],
      channels,
      pixels: [stride, receptiveField],
    }))
  }
  const named = (graph: Graph) => layersOf(graph).filter(({ tensor }) => /^(block|norm)/.test(tensor))

  test.each(['vit', 'clip'] as const)('%s: the tokens of the patches, without the others', family => {
    const at = { units: [4, 4], channels: 12, pixels: [8, 32] }
    expect(named(transformers[family]().graph)).toEqual(['block1', 'block2', 'norm'].map(tensor => ({ tensor, ...at })))
  })

  test('swin: blocks with the channels last, but neither windows nor what is shifted', () => {
    const { graph } = transformers.swin()
    expect(named(graph)).toEqual([
      { tensor: 'block1', units: [8, 8], channels: 8, pixels: [4, 16] },
      { tensor: 'block2', units: [8, 8], channels: 8, pixels: [4, 28] },
      { tensor: 'block3', units: [4, 4], channels: 16, pixels: [8, 32] },
      { tensor: 'norm', units: [4, 4], channels: 16, pixels: [8, 32] },
    ])
    const ops = new Map(graph.nodes.flatMap(node => node.outputs.map(output => [output, node.op])))
    for (const { tensor } of layersOf(graph)) expect(['Conv', 'Add', 'LayerNormalization']).toContain(ops.get(tensor))
  })
})

describe('a sidecar is proposed for a bare model', () => {
  test.each(Object.entries(networks))('%s: logits before the softmax, and layers that can be loaded', (_, make) => {
    const network = make()
    const sidecar = proposeSidecar(modelFile(network.graph))
    expect(sidecar.logits).toBe(network.logits)
    expect(sidecar.unconfirmed).toContain('input.mean')
    const classifier = classifierOf(modelFile(network.graph), sidecar)
    expect(classifier.layers.length).toBeGreaterThan(0)
    expect(classifier.labels).toHaveLength(network.classes)
    expect(undifferentiable(classifier)).toEqual([])
  })

  test('the layers of an inception network are its blocks', () => {
    const { layers } = proposedClassifier(networks.inception().graph)
    expect(layers.map(layer => layer.name)).toEqual(expect.arrayContaining(['mixed3a', 'mixed3b', 'mixed4a']))
  })

  test('the layers of a residual network are its blocks after their ReLU', () => {
    const { layers } = proposedClassifier(networks.residual().graph)
    expect(layers.map(layer => layer.name)).toEqual(expect.arrayContaining(['block2', 'block3']))
  })
})
