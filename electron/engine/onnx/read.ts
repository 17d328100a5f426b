import onnxProto, { type onnx } from 'onnx-proto'
import { UserError } from '../../contract/errors.ts'
import { stridedViews } from './as-strided.ts'
import { attributeFault } from './attributes.ts'
import { OPSET } from './builder.ts'
import { CODES, elementName, elementType, widened } from './elements.ts'
import type { Attribute, Dim, Graph, Node, ValueInfo } from './graph.ts'
import { inputCountFault } from './input-counts.ts'
import { normalise } from './normalise.ts'
import { integer, readTensor, type Source } from './read-tensor.ts'
import { requireModel } from './signature.ts'
import type { Tensor } from './tensor.ts'

/**
 * Reads an ONNX model as a graph of operator set 17 in float32: half precision is widened, nodes of other operator
 * sets are rewritten. Unknown operators and domains are read unchanged.
 * @param bytes  the file
 * @param source the file's name for messages, and its folder, the only place that external data is read from
 * @throws UserError when the bytes are not an ONNX model, or one that is not a plain graph of tensors
 */
export function readGraph(bytes: Uint8Array, source: Source): Graph {
  requireModel(bytes, source.file)
  const model = decode(bytes, source.file)
  const proto = model.graph
  const opset = model.opsetImport?.find(({ domain }) => !domain || domain === 'ai.onnx')?.version
  if (!proto || opset === undefined || opset === null)
    throw new UserError(
      `cannot read ${source.file}: it has no ${proto ? 'operator set' : 'graph'}, so it is not a complete ONNX model; fetch or export it again`,
    )
  requireOpset(integer(opset), source.file)
  if (proto.sparseInitializer?.length)
    throw new UserError(`cannot read ${source.file}: it has sparse weights; export the model with dense ones`)
  const initializers = new Map<string, Tensor>()
  for (const tensor of proto.initializer ?? []) initializers.set(tensor.name ?? '', readTensor(tensor, source))
  // Until IR version 4 weights were listed among the inputs.
  const inputs = (proto.input ?? []).filter(input => !initializers.has(input.name ?? ''))
  const graph: Graph = {
    name: proto.name || 'model',
    opset: integer(opset),
    nodes: (proto.node ?? []).map(node => readNode(node, source)),
    initializers,
    inputs: inputs.map(input => readValue(input, source)),
    outputs: (proto.output ?? []).map(output => readValue(output, source)),
  }
  requireSoundNodes(graph, source.file)
  requireOrder(graph, source.file)
  return stridedViews(normalise(graph, source.file))
}

/** The supported operator sets. Set 1 has other names of operators and attributes. */
const OLDEST = 2
const NEWEST = 28

function requireOpset(opset: number, file: string): void {
  if (opset >= OLDEST && opset <= NEWEST) return
  throw new UserError(
    `cannot read ${file}: it has operator set ${opset}, but Portolan supports ${OLDEST} to ${NEWEST}; export the model with operator set ${OPSET}`,
  )
}

function requireSoundNodes(graph: Graph, file: string): void {
  for (const node of graph.nodes) {
    const fault = attributeFault(node) ?? inputCountFault(node)
    if (fault !== undefined)
      throw new UserError(
        `cannot read ${file}: ${node.op} (node "${node.name || node.outputs[0]}") ${fault}; export the model again`,
      )
  }
}

function decode(bytes: Uint8Array, file: string): onnx.ModelProto {
  try {
    return onnxProto.onnx.ModelProto.decode(bytes)
  } catch (cause) {
    throw new UserError(`cannot read ${file}: it is damaged; fetch or export the model again`, { cause })
  }
}

function readValue(proto: onnx.IValueInfoProto, { file }: Source): ValueInfo {
  const name = proto.name ?? ''
  const tensor = proto.type?.tensorType
  const type = tensor && elementType(tensor.elemType ?? 0)
  if (!type)
    throw new UserError(
      `cannot read ${file}: "${name}" is ${tensor ? `a tensor of ${elementName(tensor.elemType ?? 0)}` : 'not a tensor'}, which Portolan does not support; export only the part of the network from the image to the scores`,
    )
  // Some exporters write a length of 0 or -1 for an unknown one.
  const dim = (length: onnx.TensorShapeProto.IDimension, axis: number): Dim =>
    length.dimParam || (integer(length.dimValue) > 0 ? integer(length.dimValue) : `${name}.${axis}`)
  return { name, type: widened(type), shape: (tensor.shape?.dim ?? []).map(dim) }
}

/** Attributes that name an element type. */
const TYPE_ATTRIBUTES = new Set(['to', 'dtype'])

function readNode(proto: onnx.INodeProto, source: Source): Node {
  const op = proto.opType ?? ''
  const attributes: [string, Attribute][] = []
  for (const attribute of proto.attribute ?? []) {
    const name = attribute.name ?? ''
    const value = readAttribute(attribute, source)
    if (!value)
      throw new UserError(
        `cannot read ${source.file}: operator ${op} (node "${proto.name ?? ''}") has ${attribute.g || attribute.graphs?.length ? 'a sub-graph' : `an attribute "${name}" of an unsupported kind`}; export the model without control flow, in inference mode`,
      )
    const half = TYPE_ATTRIBUTES.has(name) && value.kind === 'int' && elementType(value.value)
    attributes.push([name, half ? { kind: 'int', value: CODES[widened(half)] } : value])
  }
  return {
    op,
    domain: proto.domain === 'ai.onnx' ? '' : (proto.domain ?? ''),
    name: proto.name ?? '',
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributes: Object.fromEntries(attributes),
  }
}

const text = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array())

function readAttribute(proto: onnx.IAttributeProto, source: Source): Attribute | undefined {
  const { AttributeType } = onnxProto.onnx.AttributeProto
  switch (proto.type || impliedType(proto)) {
    case AttributeType.FLOAT:
      return { kind: 'float', value: proto.f ?? 0 }
    case AttributeType.INT:
      return { kind: 'int', value: integer(proto.i) }
    case AttributeType.STRING:
      return { kind: 'string', value: text(proto.s) }
    case AttributeType.TENSOR:
      return { kind: 'tensor', value: readTensor(proto.t ?? {}, source) }
    case AttributeType.FLOATS:
      return { kind: 'floats', value: proto.floats ?? [] }
    case AttributeType.INTS:
      return { kind: 'ints', value: (proto.ints ?? []).map(integer) }
    case AttributeType.STRINGS:
      return { kind: 'strings', value: (proto.strings ?? []).map(text) }
    default:
      return undefined
  }
}

/** The kind of an attribute in a file before IR version 2, which does not state it: the field that is set. */
function impliedType(proto: onnx.IAttributeProto): onnx.AttributeProto.AttributeType {
  const { AttributeType } = onnxProto.onnx.AttributeProto
  const has = (field: keyof onnx.IAttributeProto) => Object.hasOwn(proto, field)
  if (proto.floats?.length) return AttributeType.FLOATS
  if (proto.ints?.length) return AttributeType.INTS
  if (proto.strings?.length) return AttributeType.STRINGS
  if (has('f')) return AttributeType.FLOAT
  if (has('i')) return AttributeType.INT
  if (has('s')) return AttributeType.STRING
  return has('t') ? AttributeType.TENSOR : AttributeType.UNDEFINED
}

/** Checks ONNX's guarantee that a value is computed once, before it is read; all later passes rely on it. */
function requireOrder(graph: Graph, file: string): void {
  const defined = new Set([...graph.initializers.keys(), ...graph.inputs.map(input => input.name)])
  const damaged = (why: string): never => {
    throw new UserError(`cannot read ${file}: ${why}, so it is not a valid ONNX model; export it again`)
  }
  for (const node of graph.nodes) {
    for (const input of node.inputs)
      if (input && !defined.has(input))
        damaged(`node "${node.name}" (${node.op}) reads "${input}", which no node before it computes`)
    for (const output of node.outputs) {
      if (output && defined.has(output)) damaged(`"${output}" is defined twice`)
      if (output) defined.add(output)
    }
  }
  for (const output of graph.outputs)
    if (!defined.has(output.name)) damaged(`no node computes the output "${output.name}"`)
  if (graph.outputs.length === 0) damaged('it has no output')
}
