import { describe, expect, test } from 'vitest'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { moduleNames } from '../../electron/engine/onnx/module-names.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { modelFile } from '../fixtures/classifier.ts'
import { normals } from '../fixtures/random.ts'

/** A field of a protobuf message: a length and that many bytes. */
const field = (number: number, content: string | readonly Uint8Array[]): Uint8Array => {
  const body = typeof content === 'string' ? Buffer.from(content) : Buffer.concat(content)
  const length: number[] = []
  for (let rest = body.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([8 * number + 2, ...length]), body])
}
/** A file of nodes: name, output and, as the newer exporter writes them, scopes. */
const file = (nodes: readonly (readonly [name: string, output: string, scopes?: string])[]): Uint8Array => {
  const weights = field(5, [field(9, 'x'.repeat(1000))])
  const protos = nodes.map(([name, output, scopes]) =>
    field(1, [
      ...[field(1, 'x'), field(2, output), field(3, name), field(4, 'Relu')],
      ...(scopes === undefined
        ? []
        : [
            field(9, [field(1, 'namespace'), field(2, "': torch'")]),
            field(9, [field(1, 'pkg.torch.onnx.name_scopes'), field(2, scopes)]),
          ]),
    ]),
  )
  return Buffer.concat([Buffer.from([8, 8]), field(7, [...protos, weights])])
}

describe('modules of PyTorch', () => {
  test('are read from the names of nodes, as the exporter by TorchScript writes them', () => {
    const names = moduleNames(
      file([
        ['/layer4/layer4.1/relu_1/Relu', 'a'],
        ['/stages/stages.0/blocks/blocks.12/conv/Conv', 'b'],
        ['/Flatten', 'c'],
        ['Relu_45', 'd'],
      ]),
    )
    expect([...names]).toEqual([
      ['a', 'layer4.1.relu_1'],
      ['b', 'stages.0.blocks.12.conv'],
      ['c', ''],
    ])
  })
  test('are read from metadata, as the exporter by torch.export writes them', () => {
    const names = moduleNames(
      file([
        ['node_relu_16', 'a', "['', 'layer4', 'layer4.1', 'layer4.1.relu', 'relu_16']"],
        ['node_add', 'b', "['', 'layer4', 'layer4.1', 'add_167']"],
        ['node_view', 'c', "['', 'view']"],
      ]),
    )
    expect([...names]).toEqual([
      ['a', 'layer4.1.relu'],
      ['b', 'layer4.1'],
      ['c', ''],
    ])
  })
})

interface Made {
  readonly graph: Graph
  readonly modules: Map<string, string>
}

/** Builds a network of convolutions with a ReLU each, whose values are of the given modules. */
function network(build: (parts: Parts, x: string) => string): Made {
  const g = new GraphBuilder()
  g.input({ name: 'image', type: 'float32', shape: ['N', 3, 32, 32] })
  const modules = new Map<string, string>()
  const of = (module: string, value: string): string => {
    modules.set(value, module)
    return value
  }
  const channels = new Map([['image', 3]])
  const parts: Parts = {
    conv: (module, x, stride = 1) => {
      const weights = g.initializer(float32([4, channels.get(x)!, 3, 3], normals(3, 36 * channels.get(x)!, 0.3)))
      const attributes = { pads: ints([1, 1, 1, 1]), strides: ints([stride, stride]) }
      const value = of(`${module}.0`, g.node('Conv', [x, weights], attributes))
      const activated = of(`${module}.1`, g.node('Relu', [value]))
      channels.set(activated, 4)
      return activated
    },
    add: (module, a, b) => {
      const sum = of(module, g.add(a, b))
      channels.set(sum, 4)
      return sum
    },
    tokens: (module, x) => {
      const rows = of(module, g.reshape(x, [0, 4, -1]))
      const back = of('', g.reshape(rows, [0, 4, 8, 8]))
      channels.set(back, 4)
      return back
    },
    concat: (module, ...values) => {
      const joined = of(module, g.node('Concat', values, { axis: int(1) }))
      channels.set(
        joined,
        values.reduce((total, value) => total + channels.get(value)!, 0),
      )
      return joined
    },
  }
  const last = build(parts, 'image')
  const pooled = g.node('GlobalAveragePool', [last])
  const logits = g.node('Gemm', [
    g.node('Flatten', [pooled], { axis: int(1) }),
    g.initializer(float32([channels.get(last)!, 5], normals(4, 5 * channels.get(last)!, 0.3))),
  ])
  return { graph: g.build('net', [{ name: logits, type: 'float32', shape: [] }]), modules }
}
interface Parts {
  readonly conv: (module: string, x: string, stride?: number) => string
  readonly add: (module: string, a: string, b: string) => string
  /** As tokens [N, 4, 64], which the module ends with, and back. */
  readonly tokens: (module: string, x: string) => string
  readonly concat: (module: string, ...values: readonly string[]) => string
}

const layersOf = ({ graph, modules }: Made, manyLayers = false): readonly string[] =>
  Object.keys(proposeSidecar({ ...modelFile(graph), modules }, { manyLayers }).layers)

describe('layers that are proposed', () => {
  test('are the outputs of residual blocks, also of those without a way around, and the stem', () => {
    const made = network(({ conv, add }, x) => {
      let at = conv('stem', x, 2)
      for (const [stage, stride] of [
        [1, 2],
        [2, 2],
      ] as const) {
        at = conv(`stages.${stage}.0.b`, conv(`stages.${stage}.0.a`, at, stride))
        at = add(`stages.${stage}.1`, at, conv(`stages.${stage}.1.b`, conv(`stages.${stage}.1.a`, at)))
      }
      return conv('head', at)
    })
    expect(layersOf(made)).toEqual(['stem', 'stages.1.0', 'stages.1.1', 'stages.2.0', 'stages.2.1', 'head'])
  })

  test('are the sums of blocks that end in a Reshape into tokens, as those of Swin', () => {
    const made = network(({ conv, add, tokens }, x) => {
      let at = conv('stem', x, 4)
      for (const block of [0, 1, 2])
        at = tokens(
          `blocks.${block}`,
          add(`blocks.${block}`, at, conv(`blocks.${block}.b`, conv(`blocks.${block}.a`, at))),
        )
      return conv('last', at)
    })
    expect(layersOf(made)).toEqual(['blocks.0', 'blocks.1', 'blocks.2', 'last'])
  })

  test('are whole dense blocks, not each of their layers', () => {
    const made = network(({ conv, concat }, x) => {
      let at = conv('stem', x, 2)
      for (const block of [1, 2]) {
        for (let layer = 0; layer < 8; layer++)
          at = concat(`dense${block}`, at, conv(`dense${block}.${layer}.b`, conv(`dense${block}.${layer}.a`, at)))
        if (block === 1) at = conv('transition', at, 2)
      }
      return conv('last', at)
    })
    expect(layersOf(made, true)).toEqual(['dense1', 'dense2', 'last'])
  })

  test('are the last of each resolution where no module has a way around', () => {
    const made = network(({ conv }, x) =>
      conv('features.4', conv('features.2', conv('features.1', conv('features.0', x), 2)), 2),
    )
    expect(layersOf(made)).toEqual(['features.2', 'features.4'])
  })

  test('are a dozen, spread over the network, with the last of each resolution; all on request', () => {
    const made = network(({ conv, add }, x) => {
      let at = conv('stem', x, 2)
      for (const stage of [1, 2]) {
        at = conv(`down.${stage}`, at, 2)
        for (let i = 0; i < 15; i++)
          at = add(`stages.${stage}.${i}`, at, conv(`stages.${stage}.${i}.b`, conv(`stages.${stage}.${i}.a`, at)))
      }
      return at
    })
    const all = layersOf(made, true)
    expect(all).toHaveLength(31)
    const few = layersOf(made)
    expect(few).toHaveLength(12)
    for (const name of ['stem', 'stages.1.14', 'stages.2.14']) expect(few).toContain(name)
    const places = few.map(name => all.indexOf(name))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(Math.max(...places.slice(1).map((at, i) => at - places[i]!))).toBeLessThanOrEqual(5)
  })
})
