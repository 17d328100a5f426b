import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelFiles } from '../../electron/engine/model/files.ts'
import { readLabels } from '../../electron/engine/model/label-file.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { readSidecar } from '../../electron/engine/model/sidecar.ts'
import { attributeFault } from '../../electron/engine/onnx/attributes.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Attributes, float, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { inferShapes } from '../../electron/engine/onnx/shapes.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { roomFor } from '../../electron/engine/runtime/feeds.ts'
import { plain } from '../fixtures/networks.ts'

const sidecar = {
  name: 'Net',
  input: {
    size: 32,
    channels: 'RGB' as const,
    range: [0, 1] as [number, number],
    mean: [0, 0, 0] as [number, number, number],
    std: [1, 1, 1] as [number, number, number],
    resize: 'stretch' as const,
  },
  logits: 'logits',
  layers: {},
  license: 'unknown',
  source: 'unknown',
}

/** A network with a convolution whose weights are the image: it has as many channels as there are images. */
function channelsFromImages(): Graph {
  const g = new GraphBuilder()
  const image = g.input({ name: 'data', type: 'float32', shape: ['N', 3, 'H', 'W'] })
  const channels = g.node('Conv', [image, image], { kernel_shape: ints([1, 1]) })
  const two = g.node('Conv', [channels, g.initializer(float32([4, 2, 1, 1]))], {})
  const flat = g.node('Flatten', [g.node('GlobalAveragePool', [two])], { axis: int(1) })
  g.append({ op: 'Identity', domain: '', name: 'logits', inputs: [flat], outputs: ['logits'], attributes: {} })
  return g.build('odd', [{ name: 'logits', type: 'float32', shape: ['N', 4] }])
}

describe.skipIf(process.platform === 'win32')(
  'what is stored beside a model is read only where it is a regular file',
  () => {
    let folder: string
    let model: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'portolan-beside-'))
      model = join(folder, 'net.onnx')
      for (const pipe of ['net.model.json', 'labels.txt', 'pipe.onnx']) execFileSync('mkfifo', [join(folder, pipe)])
      writeFileSync(model, '')
      symlinkSync('/dev/zero', join(folder, 'zero.model.json'))
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    test('a sidecar that is a named pipe', () =>
      expect(readSidecar(model)).rejects.toThrow(/^cannot read .*net\.model\.json: it is not a regular file/))
    test('a sidecar without an end', () =>
      expect(readSidecar(join(folder, 'zero.onnx'))).rejects.toThrow(/it is not a regular file/))
    test('labels that are a named pipe', () =>
      expect(readLabels(model, 'labels.txt')).rejects.toThrow(/"labels\.txt" of net\.onnx: it is not a regular file/))
    test('a model that is a named pipe has no files of weights', async () =>
      expect(await modelFiles(join(folder, 'pipe.onnx'))).toHaveLength(2))
  },
  20_000,
)

describe('attributes whose meaning would be guessed', () => {
  const node = (op: string, attributes: Attributes) => ({
    op,
    domain: '',
    name: 'n',
    inputs: [],
    outputs: [],
    attributes,
  })
  test.each([
    [node('MaxPool', { ceil_mode: int(64) }), 'has the attribute "ceil_mode" 64, but it must be 0 or 1'],
    [node('Gemm', { transB: int(-1) }), 'has the attribute "transB" -1, but it must be 0 or 1'],
    [node('Gemm', { transB: ints([1]) }), 'has its attribute "transB" as ints, but its kind must be int'],
    [node('Concat', { axis: float(1) }), 'has its attribute "axis" as float, but its kind must be int'],
    [node('LRN', { alphX: float(1) }), 'has an attribute "alphX", which the operator does not have'],
  ])('$0.op $1', (strange, fault) => expect(attributeFault(strange)).toBe(fault))
  test('sound ones', () => {
    for (const { nodes } of [plain().graph]) expect(nodes.map(attributeFault)).toEqual(nodes.map(() => undefined))
    expect(attributeFault(node('Conv', { auto_pad: string('VALID'), group: int(3) }))).toBeUndefined()
    expect(attributeFault({ ...node('Own', { axis: float(1) }), domain: 'mine' })).toBeUndefined()
  })
})

test('an input may have the name of a property of every object', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    const graph: Graph = {
      ...plain().graph,
      inputs: [{ name, type: 'float32', shape: ['N', 3, 8, 8] }],
      nodes: [{ op: 'Relu', domain: '', name: 'relu', inputs: [name], outputs: ['y'], attributes: {} }],
      outputs: [],
    }
    expect(inferShapes(graph).get('y')?.shape).toEqual(['N', 3, 8, 8])
    expect(inferShapes(graph, { bound: { [name]: [2, 3, 8, 8] } }).get('y')?.shape).toEqual([2, 3, 8, 8])
  }
})

describe('nodes whose inputs do not go together for some number of images', () => {
  test('are reported as a fault of the model when it is loaded', () =>
    expect(() => classifierOf({ file: '/x/net.onnx', hash: '', graph: channelsFromImages() }, sidecar)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: expect.stringMatching(/^cannot use net\.onnx: Conv .*the kernel is for 2 channels; export/),
      }),
    ))
  test('and when it runs', () =>
    expect(() =>
      roomFor(channelsFromImages())({ data: { type: 'float32', dims: [3, 3, 32, 32], data: new Float32Array(1) } }),
    ).toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: expect.stringMatching(/^cannot run odd: Conv .*the kernel is for 2 channels; export/),
      }),
    ))
})
