import { describe, expect, test } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { attributing } from '../../electron/engine/attribution/graph.ts'
import { answerGraph } from '../../electron/engine/inversion/answer.ts'
import { fitted, invertsAtAnySize, layerSize, requireInvertible } from '../../electron/engine/inversion/layer-size.ts'
import { PRESETS } from '../../electron/engine/inversion/presets.ts'
import { stepGraph } from '../../electron/engine/inversion/step.ts'
import { measure } from '../../electron/engine/model/geometry.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { classifierOf, runsAtAnySize } from '../../electron/engine/model/load.ts'
import { undifferentiable } from '../../electron/engine/model/operators.ts'
import { withBytes } from '../../electron/engine/model/preprocess.ts'
import { unitGraph } from '../../electron/engine/model/units.ts'
import { widen } from '../../electron/engine/model/widen.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { simplify } from '../../electron/engine/onnx/fold.ts'
import { type Dim, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { float32, integers } from '../../electron/engine/onnx/tensor.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import { networks } from '../fixtures/networks.ts'
import { normals, random } from '../fixtures/random.ts'

/** A pool to `units` each way, a reshape to a target, and a linear layer: the end that Caffe's models have. */
function fixedEnd(shape: readonly Dim[], target: readonly number[]): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape })
  const conv = g.node('Conv', ['x', g.initializer(float32([4, 3, 3, 3]))], {
    strides: ints([2, 2]),
    pads: ints([1, 1, 1, 1]),
  })
  const pool = g.node('AveragePool', [conv], { kernel_shape: ints([8, 8]) })
  const flat = g.reshape(pool, target)
  const logits = g.node('Gemm', [flat, g.initializer(float32([4, 5]))])
  g.append({
    op: 'Softmax',
    domain: '',
    name: 'prob',
    inputs: [logits],
    outputs: ['prob'],
    attributes: { axis: int(1) },
  })
  return g.build('fixed', [{ name: 'prob', type: 'float32', shape: ['N', 5] }])
}

const file = (graph: Graph) => ({ file: 'net.onnx', hash: 'h', graph })
const load = (graph: Graph) => classifierOf(file(graph), proposeSidecar(file(graph)))

describe('receptive fields follow the recurrence', () => {
  test('a chain of known kernels, strides and dilations', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const weight = (k: number) => g.initializer(float32([3, 3, k, k]))
    const a = g.node('Conv', ['x', weight(7)], { strides: ints([2, 2]), pads: ints([3, 3, 3, 3]) })
    const b = g.node('MaxPool', [a], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) })
    const c = g.node('Conv', [b, weight(3)], { dilations: ints([2, 2]), pads: ints([2, 2, 2, 2]) })
    const d = g.node('Conv', [b, weight(1)])
    const e = g.node('Concat', [d, c], { axis: int(1) })
    const f = g.node('GlobalAveragePool', [e])
    const graph = g.build('chain', [{ name: f, type: 'float32', shape: ['N', 6, 1, 1] }])
    const at = measure(graph, 'x', { height: 64, width: 64 })
    expect(at.get(a)).toEqual({ channels: 3, height: 32, width: 32, stride: 2, receptiveField: 7 })
    expect(at.get(b)).toEqual({ channels: 3, height: 16, width: 16, stride: 4, receptiveField: 7 + 2 * 2 })
    expect(at.get(c)).toMatchObject({ stride: 4, receptiveField: 11 + 4 * 4 })
    expect(at.get(d)).toMatchObject({ stride: 4, receptiveField: 11 })
    expect(at.get(e)).toEqual({ channels: 6, height: 16, width: 16, stride: 4, receptiveField: 27 })
    expect(at.get(f)).toMatchObject({ height: 1, stride: 64, receptiveField: 64 })
  })

  test('only images of channels are layers: no channels last, no tokens, no attention, no single units of a batch', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const conv = g.node('Conv', ['x', g.initializer(float32([8, 3, 4, 4]))], { strides: ints([4, 4]) })
    const last = g.transpose(conv, [0, 2, 3, 1])
    const dense = g.matmul(last, g.initializer(float32([8, 8])))
    const back = g.transpose(dense, [0, 3, 1, 2])
    const tokens = g.transpose(g.reshape(back, [0, 2, 4, 256]), [0, 1, 3, 2])
    const attention = g.matmul(tokens, g.transpose(tokens, [0, 1, 3, 2]))
    const planes = g.reshape(back, [-1, 1, 16, 16])
    const end = g.reshape(planes, [-1, 8, 16, 16])
    const found = measure(g.build('mixed', [{ name: end, type: 'float32', shape: [] }]), 'x', { height: 64, width: 64 })
    expect([...found.keys()]).toEqual([conv, back, end])
    for (const name of [last, dense, tokens, attention, planes]) expect(found.has(name)).toBe(false)
    expect(found.get(end)).toMatchObject({ channels: 8, height: 16, width: 16 })
  })

  test('the gates of squeeze-and-excitation do not make every unit see everything', () => {
    const { graph, size } = networks.squeeze()
    expect(measure(graph, 'data', { height: size, width: size }).get('block1')).toMatchObject({
      stride: 2,
      receptiveField: 3,
    })
  })
})

describe('a size or batch that the file fixes becomes free', () => {
  const cases: [string, Dim[], number[]][] = [
    ['a batch of 1', [1, 3, 16, 16], [1, 4]],
    ['a batch to be guessed', ['N', 3, 16, 16], [-1, 4]],
    ['a batch of 1, the rest to be guessed', [1, 3, 16, 16], [1, -1]],
    ['a batch of 2', [2, 3, 16, 16], [2, 4]],
  ]
  test.each(cases)('%s is kept', (_, shape, target) => {
    const graph = fixedEnd(shape, target)
    const wide = widen(graph, { height: 16, width: 16 }, 'net.onnx')
    expect(wide.inputs[0]!.shape).toEqual(['N', 3, 'H', 'W'])
    const reshape = wide.nodes.find(node => node.op === 'Reshape')!
    expect(integers(wide.initializers.get(reshape.inputs[1]!)!)[0]).toBe(0)
  })

  /** A convolution to half the size, a body, a global mean and a linear layer. */
  const around = (shape: readonly Dim[], body: (g: GraphBuilder, x: string) => string): Graph => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape })
    const conv = g.node('Conv', ['x', g.initializer(float32([8, 3, 2, 2], normals(1, 96)))], { strides: ints([2, 2]) })
    g.append({ op: 'Tanh', domain: '', name: 'layer', inputs: [body(g, conv)], outputs: ['layer'], attributes: {} })
    const flat = g.node('Flatten', [g.node('GlobalAveragePool', ['layer'])])
    const end = g.node('Gemm', [flat, g.initializer(float32([8, 5]))])
    return g.build('around', [{ name: end, type: 'float32', shape: ['N', 5] }])
  }
  const sidecarOf = (graph: Graph) => ({
    ...proposeSidecar(file(graph)),
    logits: graph.outputs[0]!.name,
    layers: { layer: 'layer' },
  })
  const shuffled = (g: GraphBuilder, x: string): string =>
    g.reshape(g.transpose(g.reshape(x, [1, 2, 4, 8, 8]), [0, 2, 1, 3, 4]), [1, 8, 8, 8])
  const gated = (g: GraphBuilder, x: string): string => {
    const [h, w] = [2, 3].map(axis => g.node('Shape', [x], { start: int(axis), end: int(axis + 1) }))
    const area = g.node('Cast', [g.mul(h!, w!)], { to: int(1) })
    return g.mul(x, g.div(g.reduceSum(x, [2, 3], true), area))
  }
  const upper = (g: GraphBuilder, x: string): string => {
    const half = g.div(g.node('Shape', [x], { start: int(2), end: int(3) }), g.integers([2]))
    return g.node('Slice', [x, g.integers([0]), half, g.integers([2])])
  }

  test.each([
    ['channels that are shuffled by lengths of the file', [1, 3, 16, 16], shuffled],
    ['a gate by a sum over a computed area', ['N', 3, 'H', 'W'], gated],
    ['the upper half of the rows', ['N', 3, 'H', 'W'], upper],
  ] as const)('%s: every size is what it is by itself', (_, shape, body) => {
    const loaded = classifierOf(file(around(shape, body)), sidecarOf(around(shape, body)))
    expect(runsAtAnySize(loaded)).toBe(true)
    for (const size of [16, 12, 20]) {
      const units = size / 2
      const own = around(['N', 3, 'H', 'W'], (g, x) =>
        body === shuffled
          ? g.reshape(g.transpose(g.reshape(x, [-1, 2, 4, units, units]), [0, 2, 1, 3, 4]), [-1, 8, units, units])
          : body(g, x),
      )
      const image = noise([2, 3, size, size], random(size))
      const expected = interpret(own, { x: image }).get('layer')!
      expect(interpret(loaded.graph, { x: image }).get('layer')).toEqual(expected)
    }
  })

  test('an end that is tied to the size is known to be, one with a global pool is not', () => {
    expect(runsAtAnySize(load(fixedEnd([1, 3, 16, 16], [1, 4])))).toBe(false)
    for (const make of Object.values(networks)) expect(runsAtAnySize(load(make().graph))).toBe(true)
  })

  test('a size that does not fit is an error with a way out', () => {
    const sidecar = proposeSidecar(file(fixedEnd([1, 3, 16, 16], [1, 4])))
    const other = { ...sidecar, input: { ...sidecar.input, size: 40 } }
    expect(() => classifierOf(file(fixedEnd([1, 3, 16, 16], [1, 4])), other)).toThrow(
      /net\.onnx.*40 × 40.*correct "input.size"/,
    )
  })
})

describe('a sidecar is proposed for a bare model', () => {
  test.each(Object.entries(networks))('%s: logits before the softmax, and layers that can be loaded', (_, make) => {
    const network = make()
    const sidecar = proposeSidecar(file(network.graph))
    expect(sidecar.logits).toBe(network.logits)
    expect(sidecar.unconfirmed).toContain('input.mean')
    const classifier = classifierOf(file(network.graph), sidecar)
    expect(classifier.layers.length).toBeGreaterThan(0)
    expect(classifier.labels).toHaveLength(network.classes)
    expect(undifferentiable(classifier)).toEqual([])
  })

  test('the layers of an inception network are its blocks', () => {
    const { layers } = load(networks.inception().graph)
    expect(layers.map(layer => layer.name)).toEqual(expect.arrayContaining(['mixed3a', 'mixed3b', 'mixed4a']))
  })

  test('the layers of a residual network are its blocks after their ReLU', () => {
    const { layers } = load(networks.residual().graph)
    expect(layers.map(layer => layer.name)).toEqual(expect.arrayContaining(['block2', 'block3']))
  })
})

describe('names of a file and names of our own never meet', () => {
  const odd = (input: string, tensor: string): Graph => {
    const g = new GraphBuilder()
    g.input({ name: input, type: 'float32', shape: ['N', 3, 16, 16] })
    const kernel = g.initializer(float32([4, 3, 3, 3], normals(1, 108)), `${tensor}.kept`)
    g.append({ op: 'Conv', domain: '', name: tensor, inputs: [input, kernel], outputs: [tensor], attributes: {} })
    const end = g.node('Gemm', [
      g.node('Flatten', [g.node('GlobalAveragePool', [tensor])]),
      g.initializer(float32([4, 5], normals(2, 20))),
    ])
    return g.build('odd names', [{ name: end, type: 'float32', shape: ['N', 5] }])
  }
  const presetOf = { ...PRESETS.recipe, size: 48, batch: 1 }
  test.each([
    ['portolan/bytes', 'portolan/rgb'],
    ['centre', 'portolan/centre'],
    ['portolan/target', 'target'],
    ['grad:portolan/rgb', 'objective'],
  ])('%s and %s', (input, tensor) => {
    const graph = odd(input, tensor)
    const sidecar = { ...proposeSidecar(file(graph)), layers: { here: tensor } }
    const classifier = classifierOf(file(graph), sidecar)
    const layer = classifier.layers[0]!
    expect(layer.name).toBe('here')
    const graphs = [
      unitGraph(classifier, [layer], attributing(classifier, [layer], 'exact')),
      stepGraph(classifier, layer, presetOf).graph,
      answerGraph(classifier, layer, 32, 1).graph,
      withBytes(classifier.graph, classifier),
    ]
    for (const made of graphs) {
      const names = [
        ...made.inputs.map(({ name }) => name),
        ...made.initializers.keys(),
        ...made.nodes.flatMap(node => node.outputs),
      ].filter(Boolean)
      expect(new Set(names).size).toBe(names.length)
    }
  })
})

describe('a layer that no icon can be made of is refused before any work', () => {
  const tied = (graph: GraphBuilder, x: string): string =>
    graph.reshape(graph.transpose(graph.reshape(x, [-1, 4, 4, 2, 4, 2]), [0, 1, 3, 5, 2, 4]), [-1, 16, 4, 4])
  const patches = (graph: GraphBuilder, x: string): string => graph.node('SpaceToDepth', [x], { blocksize: int(2) })
  const load = (body: (g: GraphBuilder, x: string) => string) => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 16, 16] })
    const conv = g.node('Conv', ['x', g.initializer(float32([4, 3, 2, 2]))], { strides: ints([2, 2]) })
    g.append({ op: 'Tanh', domain: '', name: 'layer', inputs: [body(g, conv)], outputs: ['layer'], attributes: {} })
    const end = g.node('Gemm', [
      g.node('Flatten', [g.node('GlobalAveragePool', ['layer'])]),
      g.initializer(float32([16, 5])),
    ])
    const graph = g.build('tied', [{ name: end, type: 'float32', shape: ['N', 5] }])
    const proposed = proposeSidecar(file(graph))
    return classifierOf(file(graph), {
      ...proposed,
      input: { ...proposed.input, size: 16 },
      layers: { early: conv, layer: 'layer' },
    })
  }
  const inversion = { ...PRESETS.recipe, size: 48 }

  test('where the file ties it to a size: the one behind, in one sentence; the one before can be used', () => {
    const classifier = load(tied)
    const [early, layer] = classifier.layers
    expect(classifier.layers.map(each => invertsAtAnySize(classifier, each))).toEqual([true, false])
    expect(() => requireInvertible(classifier, early!, inversion)).not.toThrow()
    expect(() => requireInvertible(classifier, layer!, inversion)).toThrow(UserError)
    expect(() => requireInvertible(classifier, layer!, inversion)).toThrow(
      /cannot invert layer "layer": the network does not take images of \d+ px up to it \(Reshape .*its size is fixed/,
    )
  })

  test('a network that wants patches gets images of a few pixels less', () => {
    const classifier = load(patches)
    const layer = classifier.layers.at(-1)!
    expect(() => requireInvertible(classifier, layer, inversion)).not.toThrow()
    for (const edge of [30, 31, 32, 33, 34, 35]) {
      const draw = {
        pad: 0,
        padValue: 0,
        cropped: 60,
        offset: [0, 0],
        scaled: 50,
        angle: 0,
        edge,
        lastOffset: [4, 5],
      } as const
      const found = fitted(classifier, layer, draw)
      expect(layerSize(classifier, layer, found.edge)).toEqual([Math.floor(found.edge / 4), Math.floor(found.edge / 4)])
      expect(edge - found.edge).toBeLessThan(4)
      expect(found.lastOffset[0] - 4).toBe(Math.floor((edge - found.edge) / 2))
    }
  })
})

describe('what does not go together is said in one sentence', () => {
  const network = networks.inception()
  const good = { ...proposeSidecar(file(network.graph)), layers: { early: 'mixed3a', mixed4a: 'mixed4a' } }
  const labels = (n: number) =>
    Array.from({ length: n }, (_, index) => ({ index, synset: '', name: `${index}`, synonyms: [] }))

  test('layers by alias, by tensor, and any other value', () => {
    const classifier = classifierOf(file(network.graph), good)
    expect(classifier.layers.map(layer => layer.name)).toEqual(['early', 'mixed4a'])
    expect(findLayer(classifier, 'early')).toBe(findLayer(classifier, 'mixed3a'))
    expect(findLayer(classifier, 'mixed3b')).toMatchObject({ name: 'mixed3b', channels: 24 })
    expect(() => findLayer(classifier, 'mixed4f')).toThrow(
      'no layer "mixed4f" in net.onnx: it has early, mixed4a (portolan model info lists all)',
    )
  })

  test('a sidecar may name layers the other way round', () => {
    const classifier = classifierOf(file(network.graph), { ...good, layers: { mixed3a: 'early' } })
    expect(classifier.layers[0]).toMatchObject({ name: 'early', tensor: 'mixed3a' })
  })

  test.each([
    [
      'a layer that is not there',
      { ...good, layers: { a: 'nowhere' } },
      undefined,
      /layer "a" in net\.model\.json is the tensor "nowhere"/,
    ],
    [
      'logits that are not there',
      { ...good, logits: 'nowhere' },
      undefined,
      /"logits" in net\.model\.json is the tensor "nowhere"/,
    ],
    ['logits that are a picture', { ...good, logits: 'mixed4a' }, undefined, /must be \[N, classes\]/],
    ['a layer behind the logits', { ...good, layers: { a: 'prob' } }, undefined, /cannot use layer "a"/],
    ['too few labels', good, labels(9), /10 classes at "logits", but its sidecar names 9/],
  ])('%s', (_, sidecar, names, message) => {
    expect(() => classifierOf(file(network.graph), sidecar, names)).toThrow(message)
  })

  test('a network that takes its colours last, or no image', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 224, 224, 3] })
    const graph = g.build('nhwc', [{ name: g.node('Relu', ['x']), type: 'float32', shape: [] }])
    expect(() => proposeSidecar(file(graph))).toThrow(/"x" is float32 \[N, 224, 224, 3\], with the colours last/)
  })

  test('a mirroring Pad is an obstacle only where its lengths are computed', () => {
    const mirrored = (pads: (g: GraphBuilder) => string) => {
      const g = new GraphBuilder(network.graph)
      const y = g.node('Pad', ['logits', pads(g)], { mode: string('reflect') })
      const simple = simplify(g.build('mirrored', [{ name: y, type: 'float32', shape: [] }]), { keep: ['mixed3a'] })
      return undifferentiable({ ...classifierOf(file(network.graph), good), graph: simple })
    }
    expect(mirrored(g => g.integers([0, 1, 0, 2]))).toEqual([])
    const computed = (g: GraphBuilder) =>
      g.node('Concat', [g.node('Shape', ['data'], { end: int(1) }), g.integers([1, 0, 2])], { axis: int(0) })
    expect(mirrored(computed)).toMatchObject([{ op: 'Pad', layersBefore: ['early', 'mixed4a'] }])
  })

  test('an operator without a derivative is listed with the layers that it cuts off', () => {
    const g = new GraphBuilder(network.graph)
    g.append({ op: 'Einsum', domain: '', name: 'odd', inputs: ['logits'], outputs: ['odd'], attributes: {} })
    const classifier = { ...classifierOf(file(network.graph), good), graph: g.build('odd', []) }
    expect(undifferentiable(classifier)).toEqual([{ op: 'Einsum', node: 'odd', layersBefore: ['early', 'mixed4a'] }])
  })
})
