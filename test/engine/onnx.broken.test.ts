import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import onnxProto, { type onnx } from 'onnx-proto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { readGraph } from '../../electron/engine/onnx/read.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import models from '../fixtures/models.json' with { type: 'json' }
import { plain } from '../fixtures/networks.ts'

const { ModelProto, AttributeProto } = onnxProto.onnx
const FLOAT = 1
const EXTERNAL = 1

const value = (name: string, elemType = FLOAT, dims: readonly number[] = [2, 3]): onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType, shape: { dim: dims.map(dimValue => ({ dimValue })) } } },
})
const add: onnx.INodeProto = { opType: 'Add', name: 'add', input: ['data', 'w'], output: ['y'] }
const weights: onnx.ITensorProto = { name: 'w', dataType: FLOAT, dims: [2, 3], rawData: new Uint8Array(24) }

/** A model of one sum, with some of it replaced. */
const model = (graph: onnx.IGraphProto, rest: onnx.IModelProto = {}): Uint8Array =>
  ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: { name: 'sum', node: [add], initializer: [weights], input: [value('data')], output: [value('y')], ...graph },
    ...rest,
  }).finish()

const external = (location: string): Uint8Array =>
  model({
    initializer: [
      {
        name: 'w',
        dataType: FLOAT,
        dims: [2, 3],
        dataLocation: EXTERNAL,
        externalData: [{ key: 'location', value: location }],
      },
    ],
  })

const inTraining = (input: string): onnx.INodeProto => ({
  opType: 'BatchNormalization',
  input: [input, 'w', 'w', 'w', 'w'],
  output: ['y'],
  attribute: [{ name: 'training_mode', type: AttributeProto.AttributeType.INT, i: 1 }],
})

/** A file of each kind that the table names. */
function make(made: string): Uint8Array {
  const text = (content: string) => new TextEncoder().encode(content)
  const whole = writeGraph(plain().graph)
  const cut = /^cut at (-?\d+)$/.exec(made)
  if (cut) return whole.subarray(0, Number(cut[1]))
  if (made.startsWith('external ')) return external(made.slice('external '.length))
  const makers: Readonly<Record<string, () => Uint8Array>> = {
    empty: () => new Uint8Array(),
    lfs: () => text('version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 28018156\n'),
    text: () => text('Dear diary, today I trained a network.'),
    zeros: () => new Uint8Array(1000),
    png: () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52),
    zip: () => Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0),
    scrambled: () => whole.map((byte, at) => (at > 60 && at < 400 ? 0xff : byte)),
    'no graph': () => ModelProto.encode({ irVersion: 8, opsetImport: [{ version: 17 }] }).finish(),
    'no opset': () => model({}, { opsetImport: [] }),
    'string weights': () =>
      model({ initializer: [weights, { name: 'words', dataType: 8, dims: [1], stringData: [text('cat')] }] }),
    'uint16 input': () => model({ input: [value('data', 4)] }),
    'sequence output': () => model({ output: [{ name: 'y', type: { sequenceType: { elemType: {} } } }] }),
    'sub-graph': () => {
      const branch = { name: 'then_branch', type: AttributeProto.AttributeType.GRAPH, g: { name: 'branch' } }
      return model({ node: [{ opType: 'If', name: 'choice', input: ['data'], output: ['y'], attribute: [branch] }] })
    },
    'sparse weights': () => model({ sparseInitializer: [{ values: weights }] }),
    'short weights': () => model({ initializer: [{ ...weights, rawData: new Uint8Array(8) }] }),
    'huge shape': () => model({ initializer: [{ ...weights, dims: [2 ** 40, 2 ** 40] }] }),
    'negative shape': () => model({ initializer: [{ ...weights, dims: [-2, 3] }] }),
    unordered: () =>
      model({
        node: [
          { ...add, input: ['data', 'later'] },
          { ...add, output: ['later'] },
        ],
      }),
    'made twice': () => model({ node: [add, add] }),
    'missing output': () => model({ output: [value('elsewhere')] }),
    'no output': () => model({ output: [] }),
    misfit: () => model({ initializer: [{ ...weights, dims: [4], rawData: new Uint8Array(16) }] }),
    'training mode': () => model({ node: [inTraining('data')] }),
    'random activations': () =>
      model({
        node: [{ opType: 'Dropout', input: ['data', 'ratio', 'on'], output: ['y'] }],
        initializer: [
          { name: 'ratio', dataType: FLOAT, rawData: new Uint8Array(new Float32Array([0.5]).buffer) },
          { name: 'on', dataType: 9, rawData: Uint8Array.of(1) },
        ],
      }),
    'later tokens hidden': () => {
      const causal = { name: 'is_causal', type: AttributeProto.AttributeType.INT, i: 1 }
      const node = { opType: 'Attention', input: ['data', 'data', 'data'], output: ['y'], attribute: [causal] }
      return model({ node: [node] }, { opsetImport: [{ version: 23 }] })
    },
  }
  return makers[made]!()
}

let folder: string
beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'portolan-onnx-')), 'model')
  mkdirSync(join(folder, 'sub'), { recursive: true })
  const bytes = new Uint8Array(Float32Array.from([9, 9, 1, 2, 3, 4, 5, 6]).buffer)
  writeFileSync(join(folder, '../secret.bin'), bytes)
  writeFileSync(join(folder, 'good.bin'), bytes)
  writeFileSync(join(folder, 'sub/good.bin'), bytes)
  writeFileSync(join(folder, 'short.bin'), bytes.subarray(0, 10))
  symlinkSync('../secret.bin', join(folder, 'link.bin'))
  symlinkSync('..', join(folder, 'out'))
  symlinkSync('good.bin', join(folder, 'inner.bin'))
})
afterAll(() => rmSync(join(folder, '..'), { recursive: true }))

describe('a broken model is refused in one sentence that names it', () => {
  test.each(models)('$file ($made)', ({ file, made, error }) => {
    const read = () => readGraph(make(made), { file, folder })
    expect(read).toThrow(UserError)
    expect(read).toThrow(`cannot read ${file}: `)
    expect(read).toThrow(error)
  })

  test('a model truncated anywhere is never read as complete', () => {
    const whole = writeGraph(plain().graph)
    for (let length = 0; length < whole.length; length += 97)
      expect(() => readGraph(whole.subarray(0, length), { file: 'cut.onnx' })).toThrow(UserError)
  })
})

describe('external data', () => {
  test.each(['good.bin', 'sub/good.bin', 'inner.bin'])('%s, beside the model, is read', location => {
    const graph = readGraph(external(location), { file: 'm.onnx', folder })
    expect(Array.from(graph.initializers.get('w')!.data, Number)).toEqual([9, 9, 1, 2, 3, 4])
  })

  test('is read from its offset', () => {
    const entries = Object.entries({ location: 'good.bin', offset: '8', length: '24' })
    const tensor = {
      ...{ name: 'w', dataType: FLOAT, dims: [2, 3], dataLocation: EXTERNAL },
      externalData: entries.map(([key, value]) => ({ key, value })),
    }
    const graph = readGraph(model({ initializer: [tensor] }), { file: 'm.onnx', folder })
    expect(Array.from(graph.initializers.get('w')!.data, Number)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('of a model without a folder is refused', () => {
    expect(() => readGraph(external('good.bin'), { file: 'm.onnx' })).toThrow(/has no folder to be read from/)
  })
})

test('half precision anywhere in a file becomes single', () => {
  const halves = new Uint8Array(Float16Array.from([1, 2, 3, 4, 5, 0.5]).buffer)
  const cast = { name: 'to', type: AttributeProto.AttributeType.INT, i: 10 }
  const graph = readGraph(
    model({
      initializer: [{ name: 'w', dataType: 10, dims: [2, 3], rawData: halves }],
      input: [value('data', 10)],
      output: [value('z', 10)],
      node: [add, { opType: 'Cast', input: ['y'], output: ['z'], attribute: [cast] }],
    }),
    { file: 'half.onnx' },
  )
  expect([graph.inputs[0]!.type, graph.outputs[0]!.type, graph.initializers.get('w')!.type]).toEqual(
    new Array(3).fill('float32'),
  )
  expect(Array.from(graph.initializers.get('w')!.data, Number)).toEqual([1, 2, 3, 4, 5, 0.5])
  expect(graph.nodes[1]!.attributes.to).toEqual({ kind: 'int', value: FLOAT })
})

test('an unknown operator or domain is read as it is', () => {
  const graph = readGraph(
    model(
      { node: [{ opType: 'Twirl', domain: 'com.example', name: 't', input: ['data', ''], output: ['y'] }] },
      { opsetImport: [{ version: 17 }, { domain: 'com.example', version: 1 }] },
    ),
    { file: 'odd.onnx' },
  )
  expect(graph.nodes[0]).toMatchObject({ op: 'Twirl', domain: 'com.example', inputs: ['data', ''] })
})

test.each([-1, 0, 1, 29, 99, 2 ** 40])('operator set %d is refused', version =>
  expect(() => readGraph(model({}, { opsetImport: [{ version }] }), { file: 'odd.onnx' })).toThrow(
    /^cannot read odd\.onnx: it has operator set .*, but Portolan supports 2 to 28; export the model with operator set 17$/,
  ),
)

test('an attribute that the operator does not have is refused: its default would be taken', () => {
  const alpha = { name: 'alphX', type: AttributeProto.AttributeType.FLOAT, f: 2 }
  const node = [{ opType: 'LeakyRelu', name: 'leaky', input: ['data'], output: ['y'], attribute: [alpha] }]
  expect(() => readGraph(model({ node }), { file: 'odd.onnx' })).toThrow(
    /^cannot read odd\.onnx: LeakyRelu \(node "leaky"\) has an attribute "alphX", which the operator does not have/,
  )
})

test.each([
  ['strides', [0, 0]],
  ['dilations', [1, -1]],
  ['kernel_shape', [2, 0]],
] as const)('%s of %j are refused: no image has such windows', (name, values) => {
  const attribute = [{ name, type: AttributeProto.AttributeType.INTS, ints: [...values] }]
  const node = [{ opType: 'MaxPool', name: 'pool', input: ['data'], output: ['y'], attribute }]
  expect(() => readGraph(model({ node }), { file: 'odd.onnx' })).toThrow(
    `cannot read odd.onnx: MaxPool (node "pool") has its attribute "${name}" as [${values.join(', ')}], but its numbers must be 1 or more; export the model again`,
  )
})

test('so are no groups', () => {
  const attribute = [{ name: 'group', type: AttributeProto.AttributeType.INT, i: 0 }]
  const node = [{ opType: 'Conv', name: 'conv', input: ['data', 'data'], output: ['y'], attribute }]
  expect(() => readGraph(model({ node }), { file: 'odd.onnx' })).toThrow(
    'cannot read odd.onnx: Conv (node "conv") has the attribute "group" 0, but it must be 1 or more; export the model again',
  )
})

test.each([
  ['Relu', 1000, 'it takes 1'],
  ['Add', 1, 'it takes 2'],
  ['Conv', 4, 'it takes 2 to 3'],
  ['Concat', 0, 'it takes 1 or more'],
] as const)('%s with %d inputs is refused by their number', (opType, count, takes) => {
  const node = [{ opType, name: 'odd', input: new Array(count).fill('data'), output: ['y'] }]
  expect(() => readGraph(model({ node }), { file: 'odd.onnx' })).toThrow(
    `cannot read odd.onnx: ${opType} (node "odd") has ${count} inputs, but ${takes}; export the model again`,
  )
})
