import { attribute, type Graph, int, type Node } from '../onnx/graph.ts'

/**
 * Lets many tangents share the few values that they are taken at. In a graph of a forward-mode derivative the
 * tangents and the values have one batch; here the tangents get a batch of their own, M, and each says to which of the
 * N images it belongs. Wherever a tangent meets a value of the images (the mask of a ReLU, the place of a
 * maximum) it meets the row of its image. The network itself is then run once for all samples of an image.
 * @param graph    lowered: what is computed from the images alone is then as small as it gets before it is repeated
 * @param tangents names of the values with batch M from which all tangents come
 * @param images   names of the values with batch N, along the first axis, from which all else comes
 * @param index    name of an int64 value, [M]: the image of each tangent
 */
export function fanOut(graph: Graph, tangents: readonly string[], images: readonly string[], index: string): Graph {
  const many = new Set(tangents)
  const few = new Set(images)
  /** Values that follow from lengths of axes alone: they are not repeated but made again, of what is repeated. */
  const lengths = new Map<string, Node>()
  const repeated = new Map<string, string>()
  const nodes: Node[] = []

  /** A value of the images, one row for each tangent. */
  const perTangent = (value: string): string => {
    if (!few.has(value)) return value
    const known = repeated.get(value)
    if (known !== undefined) return known
    const again = lengths.get(value)
    const node = again ?? { op: 'Gather', domain: '', name: value, outputs: [value], attributes: { axis: int(0) } }
    const inputs = again ? again.inputs.map(perTangent) : [value, index]
    const outputs = node.outputs.map(output => output && `${output} of each tangent`)
    nodes.push({ ...node, name: outputs[0]!, inputs, outputs })
    for (const [i, output] of node.outputs.entries()) repeated.set(output, outputs[i]!)
    return repeated.get(value)!
  }

  for (const node of graph.nodes) {
    if (node.inputs.some(input => many.has(input))) {
      for (const output of node.outputs) many.add(output)
      nodes.push({ ...node, inputs: node.inputs.map(perTangent) })
      continue
    }
    nodes.push(node)
    const read = node.inputs.filter(input => few.has(input))
    if (read.length === 0 || measuresOthers(node)) continue
    const measures = node.op === 'Shape' || read.every(input => lengths.has(input))
    for (const output of node.outputs) {
      if (many.has(output)) continue
      few.add(output)
      if (measures) lengths.set(output, node)
    }
  }
  return { ...graph, nodes }
}

/** Whether a node measures other axes than the batch: the same for every tangent. */
const measuresOthers = (node: Node): boolean => node.op === 'Shape' && attribute(node, 'start', 'int', 0) > 0
