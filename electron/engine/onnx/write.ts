import onnxProto, { type onnx } from 'onnx-proto'
import { CODES } from './elements.ts'
import type { Attribute, Graph, Node, ValueInfo } from './graph.ts'
import type { Tensor } from './tensor.ts'

interface WriteOptions {
  /**
   * `float16` stores weights in half the bytes, with a Cast to float32 after each, so that the file stays valid
   * everywhere. Weights beyond ±65,504 and small tensors are stored as they are.
   */
  readonly weights?: 'float32' | 'float16'
  /** Collects weights in shared memory, which the file then only names, as external data. */
  readonly apart?: Weight[]
}

/** A file of external data that a model names, in memory. */
export interface Weight {
  readonly path: string
  readonly data: Uint8Array
}

/** The version of the file format that goes with operator set 17. */
const IR_VERSION = 8
/** Below this many elements a half-precision copy saves less than its Cast node costs. */
const WORTH_HALVING = 64
const LARGEST_HALF = 65_504

/** The bytes of an ONNX file of a graph; equal graphs give equal bytes. */
export function writeGraph(graph: Graph, options: WriteOptions = {}): Uint8Array {
  const { ModelProto } = onnxProto.onnx
  const domains = new Set(graph.nodes.map(node => node.domain).filter(domain => domain !== ''))
  const initializers: onnx.ITensorProto[] = []
  const casts: onnx.INodeProto[] = []
  for (const [name, tensor] of graph.initializers) {
    if (options.weights === 'float16' && halves(tensor)) {
      const half: Tensor = { type: 'float16', dims: tensor.dims, data: Float16Array.from(tensor.data) }
      initializers.push(tensorProto(half, `${name}.half`))
      casts.push(nodeProto(widen(name)))
    } else if (options.apart && tensor.data.buffer instanceof SharedArrayBuffer)
      initializers.push(externalProto(tensor, name, options.apart))
    else initializers.push(tensorProto(tensor, name))
  }
  const bytes = ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: 'portolan',
    opsetImport: [{ domain: '', version: graph.opset }, ...[...domains].sort().map(domain => ({ domain, version: 1 }))],
    graph: {
      name: graph.name || 'graph',
      node: [...casts, ...uniquelyNamed(graph.nodes).map(nodeProto)],
      initializer: initializers,
      input: graph.inputs.map(valueProto),
      output: graph.outputs.map(outputProto),
    },
  }).finish()
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Runtimes refuse two nodes of one name, which graphs that were joined or renamed have: the later ones are named after
 * an output, which is unique.
 */
function uniquelyNamed(nodes: readonly Node[]): Node[] {
  const taken = new Set<string>()
  return nodes.map(node => {
    const name = taken.has(node.name) ? (node.outputs.find(output => output !== '') ?? '') : node.name
    taken.add(name)
    return { ...node, name }
  })
}

const halves = (tensor: Tensor): tensor is Extract<Tensor, { type: 'float32' }> =>
  tensor.type === 'float32' &&
  tensor.data.length >= WORTH_HALVING &&
  tensor.data.every(value => Math.abs(value) <= LARGEST_HALF)

const widen = (name: string): Node => ({
  op: 'Cast',
  domain: '',
  name: `${name}.widen`,
  inputs: [`${name}.half`],
  outputs: [name],
  attributes: { to: { kind: 'int', value: CODES.float32 } },
})

const tensorProto = (tensor: Tensor, name: string): onnx.ITensorProto => ({
  name,
  dataType: CODES[tensor.type],
  dims: [...tensor.dims],
  rawData: new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
})

const EXTERNAL = 1

function externalProto(tensor: Tensor, name: string, apart: Weight[]): onnx.ITensorProto {
  const { rawData, ...rest } = tensorProto(tensor, name)
  const path = `weights-${apart.length}`
  apart.push({ path, data: rawData! })
  const entries = { location: path, offset: '0', length: String(rawData!.byteLength) }
  return {
    ...rest,
    dataLocation: EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  }
}

const valueProto = ({ name, type, shape }: ValueInfo): onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: CODES[type],
      shape: { dim: shape.map(dim => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
})

/** An output without lengths may be a scalar or of unknown shape: leaving the shape out is right for both. */
const outputProto = (output: ValueInfo): onnx.IValueInfoProto =>
  output.shape.length
    ? valueProto(output)
    : { name: output.name, type: { tensorType: { elemType: CODES[output.type] } } }

const nodeProto = (node: Node): onnx.INodeProto => ({
  opType: node.op,
  domain: node.domain,
  name: node.name,
  input: [...node.inputs],
  output: [...node.outputs],
  attribute: Object.entries(node.attributes).map(([name, attribute]) => ({ name, ...attributeProto(attribute) })),
})

function attributeProto(attribute: Attribute): onnx.IAttributeProto {
  const { AttributeType } = onnxProto.onnx.AttributeProto
  const encode = (value: string) => new TextEncoder().encode(value)
  switch (attribute.kind) {
    case 'float':
      return { type: AttributeType.FLOAT, f: attribute.value }
    case 'int':
      return { type: AttributeType.INT, i: attribute.value }
    case 'string':
      return { type: AttributeType.STRING, s: encode(attribute.value) }
    case 'tensor':
      return { type: AttributeType.TENSOR, t: tensorProto(attribute.value, '') }
    case 'floats':
      return { type: AttributeType.FLOATS, floats: [...attribute.value] }
    case 'ints':
      return { type: AttributeType.INTS, ints: [...attribute.value] }
    case 'strings':
      return { type: AttributeType.STRINGS, strings: attribute.value.map(encode) }
  }
}
