import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { attributing } from '../../electron/engine/attribution/graph.ts'
import { centreGraph } from '../../electron/engine/inversion/readout.ts'
import { stepGraph } from '../../electron/engine/inversion/step.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { withBytes } from '../../electron/engine/model/preprocess.ts'
import { unitGraph } from '../../electron/engine/model/units.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { modelFile } from '../fixtures/classifier.ts'
import { normals } from '../fixtures/random.ts'

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
  const presetOf = { ...PRESETS.recipe.inversion, size: 48, batch: 1 }
  test.each([
    ['portolan/bytes', 'portolan/rgb'],
    ['centre', 'portolan/centre'],
    ['portolan/target', 'target'],
    ['grad:portolan/rgb', 'objective'],
  ])('%s and %s', (input, tensor) => {
    const graph = odd(input, tensor)
    const sidecar = { ...proposeSidecar(modelFile(graph)), layers: { here: tensor } }
    const classifier = classifierOf(modelFile(graph), sidecar)
    const layer = classifier.layers[0]!
    expect(layer.name).toBe('here')
    const graphs = [
      unitGraph(classifier, [layer], attributing(classifier, [layer], 'exact')),
      stepGraph(classifier, layer, presetOf).graph,
      centreGraph(classifier, layer, 32, 1).graph,
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
