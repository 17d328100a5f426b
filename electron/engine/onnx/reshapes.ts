import { type Graph, type Node, producers, pruned } from './graph.ts'
import { integers } from './tensor.ts'

/**
 * The same function in which no Reshape reads another: each reads what the first of its chain reads. ONNX Runtime 1.30
 * joins such chains itself, and fails ("Attempting to get index by a name which does not exist") where the first of two
 * computes its shape and the second has a constant one. Values keep their names.
 */
export function joinReshapes(graph: Graph): Graph {
  const made = producers(graph)
  const whole = (node: Node): boolean => {
    const target = node.inputs[1] ?? ''
    const constant = graph.initializers.get(target)
    // A 0 stands for the length of what is read, which another node's is not.
    return constant ? !integers(constant).includes(0) : made.get(target)?.op === 'Shape'
  }
  const sourceOf = (value: string): string => {
    const node = made.get(value)
    return node && isReshape(node) ? sourceOf(node.inputs[0]!) : value
  }
  const joined = (node: Node): Node => {
    if (!isReshape(node) || !whole(node)) return node
    const [x, ...target] = node.inputs
    const source = sourceOf(x!)
    return source === x ? node : { ...node, inputs: [source, ...target] }
  }
  const nodes = graph.nodes.map(joined)
  return nodes.every((node, i) => node === graph.nodes[i]) ? graph : pruned({ ...graph, nodes })
}

const isReshape = ({ op, domain }: Node): boolean => op === 'Reshape' && domain === ''
