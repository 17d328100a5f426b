import { attribute, axisOf, int, type Node, string, without } from './graph.ts'
import { Chain } from './normalise-chain.ts'
import type { Context, Rule } from './normalise-rules.ts'
import { float32, integers } from './tensor.ts'

/** Values that each attribute may have; the first is the default. */
const CHOICES = {
  mode: ['nearest', 'linear', 'cubic'],
  coordinate_transformation_mode: [
    ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel', 'half_pixel_symmetric'],
  ],
  nearest_mode: ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'],
} as const

const NEAREST_FIRST = { coordinate_transformation_mode: string('asymmetric'), nearest_mode: string('floor') }

/**
 * Every version of Resize, and Upsample before it, in one form: inputs x, nothing, and either factors or lengths, one for
 * every axis. Regions, which only crop_and_resize has, are left out.
 */
export const RESIZE: readonly Rule[] = [
  {
    // Factors were an attribute until 8. Both are what Resize became in operator set 10: ⌊o/k⌋.
    ops: ['Upsample', 'Resize'],
    below: 11,
    rewrite(node, context) {
      const given = attribute(node, 'scales', 'floats')
      const scales = given ? context.initializer(float32([given.length], given)) : node.inputs[1]
      if (!scales) return context.refuse(node, 'has factors along two axes alone')
      const attributes = { ...without(node.attributes, 'scales'), ...NEAREST_FIRST }
      const mode = attribute(node, 'mode', 'string', 'nearest')
      const renamed = mode === 'bilinear' ? { mode: string('linear') } : {}
      const plain: Node = { ...node, op: 'Resize', inputs: [node.inputs[0]!, '', scales], attributes }
      return [checked({ ...plain, attributes: { ...attributes, ...renamed } }, context)]
    },
  },
  { ops: ['Resize'], from: 11, rewrite: (node, context) => ofAllAxes(checked(node, context), context) },
]

/** With a factor or a length for every axis, instead of for some; after nodes that compute them. */
function ofAllAxes(node: Node, context: Context): readonly Node[] {
  const axes = attribute(node, 'axes', 'ints')
  const [x, , scales, sizes] = node.inputs
  const attributes = without(node.attributes, 'axes', 'extrapolation_value', 'keep_aspect_ratio_policy')
  const policy = attribute(node, 'keep_aspect_ratio_policy', 'string', 'stretch')
  if (sizes && policy !== 'stretch')
    return context.refuse(
      node,
      `makes its lengths fit (keep_aspect_ratio_policy "${policy}")`,
      'export the model with the lengths themselves',
    )
  const plain = { ...node, inputs: sizes ? [x!, '', '', sizes] : [x!, '', scales ?? ''], attributes }
  if (!axes) return [plain]
  const rank = context.shape(x!)?.length
  if (rank === undefined) return context.refuse(node, 'resizes some axes of a value of unknown rank')
  const given = sizes || scales ? context.constant(sizes || scales!) : undefined
  if (!given) return context.refuse(node, 'resizes some axes by factors or lengths that are known only at run time')
  const places = Array.from({ length: rank }, (_, axis) => axes.findIndex(each => axisOf(each, rank) === axis))
  const c = new Chain(node, context)
  if (sizes) {
    const own = (axis: number) => c.op('Shape', [x!], { start: int(axis), end: int(axis + 1) })
    const parts = places.map((at, axis) => (at < 0 ? own(axis) : c.integers([integers(given)[at]!])))
    return c.last('Resize', [x!, '', '', c.op('Concat', parts, { axis: int(0) })], attributes)
  }
  const factors = places.map(at => (at < 0 ? 1 : Number(given.data[at])))
  return [{ ...plain, inputs: [x!, '', context.initializer(float32([rank], factors))] }]
}

/** A node that is valid, and that Portolan can compute exactly. @throws UserError otherwise */
function checked(node: Node, context: Context): Node {
  const of = (name: keyof typeof CHOICES) => attribute(node, name, 'string', CHOICES[name][0])
  if (of('coordinate_transformation_mode') === 'tf_crop_and_resize')
    return context.refuse(
      node,
      'cuts regions out (tf_crop_and_resize)',
      'export the model without it: crop the images before the network',
    )
  for (const name of Object.keys(CHOICES) as (keyof typeof CHOICES)[])
    if (!CHOICES[name].some(choice => choice === of(name)))
      return context.refuse(
        node,
        `has ${name} "${of(name)}", which the standard does not have`,
        'export the model again',
      )
  if (
    of('mode') === 'nearest' &&
    (attribute(node, 'antialias', 'int', 0) || attribute(node, 'exclude_outside', 'int', 0))
  )
    return context.refuse(node, 'takes the nearest position, and averages several', 'export the model again')
  if (!node.inputs[2] && !node.inputs[3])
    return context.refuse(node, 'has neither factors nor lengths', 'export the model again')
  return node
}
