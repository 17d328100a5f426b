import { attribute, axesFrom, int, ints, type Node, without } from './graph.ts'
import { Chain } from './normalise-chain.ts'
import type { Context, Rule } from './normalise-rules.ts'

/**
 * In training mode statistics are those of the value itself. Of weights they are constants, by which TorchScript writes the
 * standardisation of weights (Qiao et al., 2019); of images they would be those of the batch.
 */
function byOwnStatistics(node: Node, context: Context): readonly Node[] {
  const [x, scale, bias] = node.inputs
  const rank = context.shape(x!)?.length
  if (!context.isConstant(x!) || rank === undefined)
    return context.refuse(
      node,
      'is in training mode: the result for an image would depend on the other images of its batch',
      'export the model in inference mode (model.eval()), and where that changes nothing, give the layer stored statistics (track_running_stats)',
    )
  const c = new Chain(node, context)
  const over = { axes: ints([0, ...axesFrom(2, rank)]), keepdims: int(1) }
  const ofChannels = (value: string) => c.op('Reshape', [value, c.integers([-1, ...axesFrom(2, rank).map(() => 1)])])
  const off = c.op('Sub', [x!, c.op('ReduceMean', [x!], over)])
  const variance = c.op('ReduceMean', [c.op('Mul', [off, off])], over)
  const deviation = c.op('Sqrt', [c.op('Add', [variance, c.number(attribute(node, 'epsilon', 'float', 1e-5))])])
  const scaled = c.op('Mul', [c.op('Div', [off, deviation]), ofChannels(scale!)])
  return c.last('Add', [scaled, ofChannels(bias!)]).map(each => ({ ...each, outputs: each.outputs.slice(0, 1) }))
}

/** In inference: by stored statistics. */
export const batchNormalization: Rule = {
  // Outputs after the first, and the attributes of running means, are for training.
  ops: ['BatchNormalization'],
  rewrite(node, context) {
    if (attribute(node, 'spatial', 'int', 1) === 0)
      return context.refuse(node, 'normalises every position separately (spatial = 0)')
    if (attribute(node, 'training_mode', 'int', 0) === 1) return byOwnStatistics(node, context)
    return [
      {
        ...node,
        outputs: node.outputs.slice(0, 1),
        attributes: without(node.attributes, ...['spatial', 'is_test', 'consumed_inputs', 'momentum', 'training_mode']),
      },
    ]
  },
}
