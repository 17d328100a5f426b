import { fieldsOf } from './wire.ts'

/** Fields of onnx.proto by number. */
const GRAPH = 7
const NODE = 1
const OUTPUT = 2
const NODE_NAME = 3
const METADATA = 9
const KEY = 1
const VALUE = 2

/** What torch's new exporter notes of every node: the modules that were called, outermost first. */
const SCOPES = 'pkg.torch.onnx.name_scopes'

/**
 * The module of PyTorch that computes each value, by the name of the value: `layer4.1.relu`; '' is the network itself.
 * The exporter by TorchScript writes modules into the names of nodes, the one by torch.export into their metadata, which
 * later versions of the format have. Values of other exporters are left out.
 * @param bytes an .onnx file that has been read
 */
export function moduleNames(bytes: Uint8Array): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const graph of fieldsOf(bytes)) {
    if (graph.number !== GRAPH || graph.bytes === undefined) continue
    for (const node of fieldsOf(graph.bytes)) {
      if (node.number !== NODE || node.bytes === undefined) continue
      const { outputs, module } = readNode(node.bytes)
      if (module !== undefined) for (const output of outputs) if (output !== '') names.set(output, module)
    }
  }
  return names
}

const decoder = new TextDecoder()

function readNode(bytes: Uint8Array): { readonly outputs: readonly string[]; readonly module: string | undefined } {
  const outputs: string[] = []
  let name = ''
  let scopes: string | undefined
  for (const field of fieldsOf(bytes)) {
    if (field.bytes === undefined) continue
    if (field.number === OUTPUT) outputs.push(decoder.decode(field.bytes))
    else if (field.number === NODE_NAME) name = decoder.decode(field.bytes)
    else if (field.number === METADATA) {
      const entry = new Map([...fieldsOf(field.bytes)].map(part => [part.number, decoder.decode(part.bytes)]))
      if (entry.get(KEY) === SCOPES) scopes = entry.get(VALUE)
    }
  }
  return { outputs, module: scopes === undefined ? ofNodeName(name) : ofScopes(scopes) }
}

/** `['', 'layer4', 'layer4.1', 'layer4.1.relu', 'relu_16']`, as Python prints it; the last is the operation. */
const ofScopes = (scopes: string): string =>
  [...scopes.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, name]) => name!).at(-2) ?? ''

/**
 * `/layer4/layer4.1/relu_1/Relu`: a module within a Sequential has its container's name before its number. The last is the
 * operation.
 */
function ofNodeName(name: string): string | undefined {
  if (!name.startsWith('/')) return undefined
  let module = ''
  let last = ''
  for (const part of name.slice(1).split('/').slice(0, -1)) {
    const own = last !== '' && part.startsWith(`${last}.`) ? part.slice(last.length + 1) : part
    module = module === '' ? own : `${module}.${own}`
    last = part
  }
  return module
}
