import onnxProto, { type onnx } from 'onnx-proto'
import type { Attribute, Graph, Node } from '../../electron/engine/onnx/graph.ts'
import type { Tensor } from '../../electron/engine/onnx/tensor.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import type { Value } from '../fixtures/interpreter/value.ts'

/** How a photograph of the network's own size becomes its numbers, as a sidecar describes it. */
export interface Preparation {
  readonly channels: 'RGB' | 'BGR'
  readonly range: readonly [number, number]
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** The numbers of one photograph, (lo + p·(hi − lo) − mean) / std in the network's order. @param pixels [edge, edge, 3] */
export function prepared(
  pixels: Uint8Array,
  edge: number,
  { channels, range: [lo, hi], mean, std }: Preparation,
): Value {
  const data: number[] = []
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < edge * edge; pixel++) {
      const colour = pixels[3 * pixel + (channels === 'BGR' ? 2 - channel : channel)]! / 255
      data.push((lo + colour * (hi - lo) - mean[channel]!) / std[channel]!)
    }
  return { dims: [1, 3, edge, edge], data }
}

/** Numbers of one value: with more of them a convolution takes the interpreter minutes. */
const MOST_NUMBERS = 1e6

/**
 * What a model file makes of an image by the standard: read with nothing of Portolan's own reader, computed by the
 * interpreter in double precision.
 * @param value name of the tensor
 * @throws Error where the file is not one that the interpreter knows
 */
export function computed(model: Uint8Array, image: Value, value: string): readonly number[] {
  const graph = graphIn(onnxProto.onnx.ModelProto.decode(model))
  const found = interpret(graph, { [graph.inputs[0]!.name]: image }, MOST_NUMBERS).get(value)
  if (!found) throw new Error(`nothing makes "${value}"`)
  return found.data
}

function graphIn({ graph, opsetImport }: onnx.IModelProto): Graph {
  const initializers = new Map((graph?.initializer ?? []).map(tensor => [tensor.name ?? '', tensorIn(tensor)]))
  const names = (graph?.input ?? []).map(({ name }) => name ?? '').filter(name => !initializers.has(name))
  if (names.length !== 1) throw new Error(`${names.length} inputs`)
  const opset = Number(opsetImport?.find(({ domain }) => !domain)?.version ?? 0)
  // From there on the operators between image and logits mean the same: before, Gemm and sums were broadcast otherwise.
  if (opset < 7) throw new Error(`operator set ${opset}`)
  return {
    name: 'referee',
    opset,
    nodes: (graph?.node ?? []).map(nodeIn),
    initializers,
    inputs: names.map(name => ({ name, type: 'float32', shape: ['N', 3, 'H', 'W'] })),
    outputs: [],
  }
}

const nodeIn = ({ opType, domain, name, input, output, attribute }: onnx.INodeProto): Node => ({
  op: opType ?? '',
  domain: domain === 'ai.onnx' ? '' : (domain ?? ''),
  name: name ?? '',
  inputs: input ?? [],
  outputs: output ?? [],
  attributes: Object.fromEntries((attribute ?? []).map(proto => [proto.name ?? '', attributeIn(proto)])),
})

function attributeIn(proto: onnx.IAttributeProto): Attribute {
  switch (proto.type) {
    case 1:
      return { kind: 'float', value: proto.f ?? 0 }
    case 2:
      return { kind: 'int', value: Number(proto.i ?? 0) }
    case 3:
      // An empty one means the default in ONNX Runtime, and nothing in the standard.
      if (!proto.s?.length) throw new Error('an empty text')
      return { kind: 'string', value: Buffer.from(proto.s ?? []).toString() }
    case 4:
      return { kind: 'tensor', value: tensorIn(proto.t ?? {}) }
    case 7:
      return { kind: 'ints', value: (proto.ints ?? []).map(Number) }
    default:
      throw new Error(`an attribute of type ${proto.type}`)
  }
}

function tensorIn({ dims = [], dataType, rawData, externalData }: onnx.ITensorProto): Tensor {
  if (externalData?.length || !rawData?.length) throw new Error('numbers elsewhere')
  const bytes = Uint8Array.from(rawData).buffer
  const lengths = (dims ?? []).map(Number)
  const expected = lengths.reduce((product, length) => product * length, 1)
  const tensor: Tensor | undefined =
    dataType === 1
      ? { type: 'float32', dims: lengths, data: new Float32Array(bytes) }
      : dataType === 7
        ? { type: 'int64', dims: lengths, data: new BigInt64Array(bytes) }
        : undefined
  if (tensor?.data.length !== expected) throw new Error(`a tensor of type ${dataType} and [${lengths}]`)
  return tensor
}
