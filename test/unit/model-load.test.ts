import { describe, expect, test } from 'vitest'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { undifferentiable } from '../../electron/engine/model/operators.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { simplify } from '../../electron/engine/onnx/fold.ts'
import { int, string } from '../../electron/engine/onnx/graph.ts'
import { modelFile } from '../fixtures/classifier.ts'
import { networks } from '../fixtures/networks.ts'

describe('inconsistent files are reported in one sentence', () => {
  const network = networks.inception()
  const good = { ...proposeSidecar(modelFile(network.graph)), layers: { early: 'mixed3a', mixed4a: 'mixed4a' } }
  const labels = (n: number) =>
    Array.from({ length: n }, (_, index) => ({ index, synset: '', name: `${index}`, synonyms: [] }))

  test('layers by alias, by tensor, and any other value', () => {
    const classifier = classifierOf(modelFile(network.graph), good)
    expect(classifier.layers.map(layer => layer.name)).toEqual(['early', 'mixed4a'])
    expect(findLayer(classifier, 'early')).toBe(findLayer(classifier, 'mixed3a'))
    expect(findLayer(classifier, 'mixed3b')).toMatchObject({ name: 'mixed3b', channels: 24 })
    expect(() => findLayer(classifier, 'mixed4f')).toThrow(
      'no layer "mixed4f" in net.onnx: it has early, mixed4a (portolan model info lists all)',
    )
  })

  test('a sidecar may name layers the other way round', () => {
    const classifier = classifierOf(modelFile(network.graph), { ...good, layers: { mixed3a: 'early' } })
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
    ['a layer after the logits', { ...good, layers: { a: 'prob' } }, undefined, /cannot use layer "a"/],
    ['too few labels', good, labels(9), /10 classes at "logits", but its sidecar has 9/],
  ])('%s', (_, sidecar, names, message) => {
    expect(() => classifierOf(modelFile(network.graph), sidecar, names)).toThrow(message)
  })

  test('a network that takes its colours last, or no image', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 224, 224, 3] })
    const graph = g.build('nhwc', [{ name: g.node('Relu', ['x']), type: 'float32', shape: [] }])
    expect(() => proposeSidecar(modelFile(graph))).toThrow(/"x" is float32 \[N, 224, 224, 3\], with the colours last/)
  })

  test('a mirroring Pad is an obstacle only where its lengths are computed', () => {
    const mirrored = (pads: (g: GraphBuilder) => string) => {
      const g = new GraphBuilder(network.graph)
      const y = g.node('Pad', ['logits', pads(g)], { mode: string('reflect') })
      const simple = simplify(g.build('mirrored', [{ name: y, type: 'float32', shape: [] }]), { keep: ['mixed3a'] })
      return undifferentiable({ ...classifierOf(modelFile(network.graph), good), graph: simple })
    }
    expect(mirrored(g => g.integers([0, 1, 0, 2]))).toEqual([])
    const computed = (g: GraphBuilder) =>
      g.node('Concat', [g.node('Shape', ['data'], { end: int(1) }), g.integers([1, 0, 2])], { axis: int(0) })
    expect(mirrored(computed)).toMatchObject([{ op: 'Pad', layersBefore: ['early', 'mixed4a'] }])
  })

  test('an operator without a derivative is listed with the layers that it cuts off', () => {
    const g = new GraphBuilder(network.graph)
    g.append({ op: 'Einsum', domain: '', name: 'odd', inputs: ['logits'], outputs: ['odd'], attributes: {} })
    const classifier = { ...classifierOf(modelFile(network.graph), good), graph: g.build('odd', []) }
    expect(undifferentiable(classifier)).toEqual([{ op: 'Einsum', node: 'odd', layersBefore: ['early', 'mixed4a'] }])
  })
})
