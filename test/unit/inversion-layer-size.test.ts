import { describe, expect, test } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import {
  fitted,
  invertsAtAnySize,
  layerSize,
  requireInvertible,
  sizedAt,
} from '../../electron/engine/inversion/layer-size.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { modelFile } from '../fixtures/classifier.ts'

describe('a layer that cannot be inverted is refused before any work', () => {
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
    const proposed = proposeSidecar(modelFile(graph))
    return classifierOf(modelFile(graph), {
      ...proposed,
      input: { ...proposed.input, size: 16 },
      layers: { early: conv, layer: 'layer' },
    })
  }
  const inversion = { ...PRESETS.recipe.inversion, size: 48 }

  test('with a fixed size in the file: the layer after it at this size only, and other sizes in one sentence', () => {
    const classifier = load(tied)
    const [early, layer] = classifier.layers
    expect(classifier.layers.map(each => invertsAtAnySize(classifier, each))).toEqual([true, false])
    expect(() => requireInvertible(classifier, early!, inversion)).not.toThrow()
    expect(() => requireInvertible(classifier, layer!, inversion)).not.toThrow()
    const { notebook, atlas } = PRESETS
    expect(() => requireInvertible(classifier, layer!, notebook.inversion)).toThrow(UserError)
    expect(() => requireInvertible(classifier, layer!, notebook.inversion)).toThrow(
      'cannot invert layer "layer": the network takes images of 16 × 16 pixels only, and this preset crops and scales them to other sizes; choose the preset atlas, draft, calm or recipe',
    )
    expect(() => layerSize(classifier, layer!, 48)).toThrow(
      /cannot invert layer "layer": the network does not accept images of \d+ px up to it \(Reshape .*its size is fixed/,
    )
    expect(sizedAt(classifier, layer!, atlas.inversion)).toMatchObject({ size: 16, input: 16 })
    expect(sizedAt(classifier, early!, atlas.inversion).input).toBeUndefined()
  })

  const four = (g: GraphBuilder, x: string): string => g.concat([x, x, x, x], 1)

  test('where a Reshape would take rows and columns of a larger image for images', () => {
    const classifier = load((g, x) => four(g, g.node('Reshape', [x, g.integers([-1, 4, 8, 8])], { allowzero: int(1) })))
    const layer = classifier.layers.at(-1)!
    expect(layerSize(classifier, layer, 16)).toEqual([8, 8])
    expect(() => layerSize(classifier, layer, 32)).toThrow(/it would be read as 4 images/)
    expect(invertsAtAnySize(classifier, layer)).toBe(false)
  })

  test('a pool as large as its layer has icons at the input size', async () => {
    const classifier = load((g, x) => {
      const pool = g.node('AveragePool', [x], { kernel_shape: ints([8, 8]), strides: ints([8, 8]) })
      return four(g, g.mul(g.add(x, g.scalar(0.1)), g.node('Sigmoid', [pool])))
    })
    const layer = classifier.layers.at(-1)!
    expect(invertsAtAnySize(classifier, layer)).toBe(false)
    const runtime = await createCpuRuntime({ threads: 1 })
    const inverter = await Inverter.create(classifier, runtime, layer, {
      ...PRESETS.draft.inversion,
      steps: 2,
      batch: 1,
    })
    const channels = new Float32Array(layer.channels).fill(1)
    expect((await inverter.invert(channels, { seed: 1, mean: channels })).map(({ size }) => size)).toEqual([16])
    await inverter.release()
    await runtime.close()
  })

  test('a network that requires patches gets images of a few pixels less', () => {
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
