import { attribute, int, ints } from './graph.ts'
import { Chain } from './normalise-chain.ts'
import type { Rule } from './normalise-rules.ts'
import { TOKENS } from './normalise-tokens.ts'
import { float32, int64 } from './tensor.ts'

/** Operators and attributes introduced after operator set 17, rewritten in that set. */
export const NEWER: readonly Rule[] = [
  {
    // x · Φ(x) = x/2 · (1 + erf(x/√2)), or by tanh as in Hendrycks and Gimpel: x/2 · (1 + tanh(√(2/π)·(x +
    // 0.044715·x³))).
    ops: ['Gelu'],
    rewrite(node, context) {
      const [x] = node.inputs
      const c = new Chain(node, context)
      const approximate = attribute(node, 'approximate', 'string', 'none')
      if (approximate !== 'none' && approximate !== 'tanh')
        return context.refuse(node, `has the approximation "${approximate}"`)
      const cube = () => c.op('Mul', [c.op('Mul', [x!, x!]), x!])
      const inner =
        approximate === 'none'
          ? c.op('Erf', [c.op('Mul', [x!, c.number(Math.SQRT1_2)])])
          : c.op('Tanh', [
              c.op('Mul', [
                c.op('Add', [x!, c.op('Mul', [cube(), c.number(0.044715)])]),
                c.number(Math.sqrt(2 / Math.PI)),
              ]),
            ])
      return c.last('Mul', [c.op('Mul', [x!, c.number(0.5)]), c.op('Add', [inner, c.number(1)])])
    },
  },
  {
    // x · tanh(ln(1 + eˣ)).
    ops: ['Mish'],
    rewrite(node, context) {
      const c = new Chain(node, context)
      return c.last('Mul', [node.inputs[0]!, c.op('Tanh', [c.op('Softplus', [node.inputs[0]!])])])
    },
  },
  {
    // A number of parts: all of ⌈length/parts⌉ but the last, which takes what is left.
    ops: ['Split'],
    from: 18,
    rewrite(node, context) {
      const parts = attribute(node, 'num_outputs', 'int')
      const { num_outputs: _, ...attributes } = node.attributes
      if (parts === undefined || node.inputs[1]) return [{ ...node, attributes }]
      const shape = context.shape(node.inputs[0]!)
      const axis = attribute(node, 'axis', 'int', 0)
      const length = shape?.at(axis)
      if (typeof length !== 'number') return [{ ...node, attributes }]
      const part = Math.ceil(length / parts)
      const sizes = Array.from({ length: parts }, (_, index) => Math.max(0, Math.min(part, length - part * index)))
      return [{ ...node, inputs: [node.inputs[0]!, context.initializer(int64(sizes))], attributes }]
    },
  },
  {
    // A dilated average pool is a depthwise convolution.
    ops: ['AveragePool'],
    from: 19,
    rewrite(node, context) {
      const dilations = attribute(node, 'dilations', 'ints')
      if (!dilations) return undefined
      const { dilations: _, ...plain } = node.attributes
      if (dilations.every(each => each === 1)) return [{ ...node, attributes: plain }]
      const kernel = attribute(node, 'kernel_shape', 'ints', [])
      const channels = context.shape(node.inputs[0]!)?.[1]
      const padded = attribute(node, 'pads', 'ints', []).some(pad => pad !== 0)
      const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
      if (
        typeof channels !== 'number' ||
        attribute(node, 'ceil_mode', 'int', 0) === 1 ||
        (padded && attribute(node, 'count_include_pad', 'int', 0) === 0) ||
        (auto !== 'NOTSET' && auto !== 'VALID')
      )
        return context.refuse(node, 'has dilations together with padding that is not counted, or with ceil_mode')
      const area = kernel.reduce((product, length) => product * length, 1)
      const weights = float32([channels, 1, ...kernel], new Float32Array(channels * area).fill(1 / area))
      const { ceil_mode: _c, count_include_pad: _i, ...attributes } = node.attributes
      return [
        {
          ...node,
          op: 'Conv',
          inputs: [node.inputs[0]!, context.initializer(weights)],
          attributes: { ...attributes, kernel_shape: ints(kernel), group: int(channels) },
        },
      ]
    },
  },
  {
    ops: ['LpPool'],
    from: 18,
    rewrite(node, context) {
      const { dilations: _, ceil_mode: _c, ...attributes } = node.attributes
      const apart = attribute(node, 'dilations', 'ints', []).some(each => each !== 1)
      if (apart || attribute(node, 'ceil_mode', 'int', 0) === 1)
        return context.refuse(node, 'has dilations or rounds its size up')
      return [{ ...node, attributes }]
    },
  },
  {
    ops: ['Pad'],
    from: 19,
    rewrite: (node, context) =>
      attribute(node, 'mode', 'string', 'constant') === 'wrap' ? context.refuse(node, 'pads in wrap mode') : undefined,
  },
  {
    ops: ['ScatterElements', 'ScatterND'],
    from: 18,
    rewrite: (node, context) =>
      ['max', 'min'].includes(attribute(node, 'reduction', 'string', 'none'))
        ? context.refuse(node, 'reduces by max or min')
        : undefined,
  },
  {
    ops: ['SpaceToDepth'],
    from: 28,
    rewrite(node, context) {
      const { mode: _, ...attributes } = node.attributes
      const mode = attribute(node, 'mode', 'string', 'DCR')
      return mode === 'DCR' ? [{ ...node, attributes }] : context.refuse(node, `has the mode "${mode}"`)
    },
  },
  {
    // a − ⌊a/b⌋·b, which older sets had for integers only.
    ops: ['Mod'],
    from: 28,
    rewrite(node, context) {
      const [a, b] = node.inputs
      if (attribute(node, 'fmod', 'int', 0) === 1 || context.type(a!) !== 'float32') return undefined
      const c = new Chain(node, context)
      return c.last('Sub', [a!, c.op('Mul', [c.op('Floor', [c.op('Div', [a!, b!])]), b!])])
    },
  },
  ...TOKENS,
]
