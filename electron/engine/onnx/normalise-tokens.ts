import { attribute, axesFrom, axisOf, int, ints, type Node } from './graph.ts'
import { Chain } from './normalise-chain.ts'
import type { Context, Rule } from './normalise-rules.ts'

/** Operators of transformers that are younger than operator set 17, rewritten in that set. */
export const TOKENS: readonly Rule[] = [
  {
    // x · σ(α·x)
    ops: ['Swish'],
    rewrite(node, context) {
      const c = new Chain(node, context)
      return c.last('Mul', [node.inputs[0]!, gate(c, node, node.inputs[0]!)])
    },
  },
  {
    // a · σ(α·a) · b
    ops: ['SwiGLU'],
    rewrite(node, context) {
      const c = new Chain(node, context)
      const [a, b] = node.inputs
      return c.last('Mul', [c.op('Mul', [a!, gate(c, node, a!)]), b!])
    },
  },
  {
    // x / √(mean(x²) + ε) · scale, over the axes from `axis` on (Zhang and Sennrich, 2019).
    ops: ['RMSNormalization'],
    rewrite(node, context) {
      const [x, scale] = node.inputs
      const rank = context.shape(x!)?.length
      if (rank === undefined) return context.refuse(node, 'normalises a value of unknown rank')
      const c = new Chain(node, context)
      const axes = axesFrom(axisOf(attribute(node, 'axis', 'int', -1), rank), rank)
      const mean = c.op('ReduceMean', [c.op('Mul', [x!, x!])], { axes: ints(axes), keepdims: int(1) })
      const rms = c.op('Sqrt', [c.op('Add', [mean, c.number(attribute(node, 'epsilon', 'float', 1e-5))])])
      return c.last('Mul', [c.op('Div', [x!, rms]), scale!])
    },
  },
  {
    // softmax(scale·Q·Kᵀ + mask)·V for each head (Vaswani et al., 2017).
    ops: ['Attention'],
    rewrite(node, context) {
      const fault = attentionFault(node, context)
      if (fault !== undefined) return context.refuse(node, fault)
      const c = new Chain(node, context)
      const [q, k, v, mask] = node.inputs
      const joined = context.shape(q!)?.length === 3
      const heads = attribute(node, 'q_num_heads', 'int', 0)
      const length = context.shape(q!)!.at(-1) as number
      const scale = attribute(node, 'scale', 'float', 1 / Math.sqrt(joined ? length / heads : length))
      const split = (x: string) =>
        joined
          ? c.op('Transpose', [c.op('Reshape', [x, c.integers([0, 0, heads, -1])])], { perm: ints([0, 2, 1, 3]) })
          : x
      const keys = c.op('Transpose', [split(k!)], { perm: ints([0, 1, 3, 2]) })
      const scores = c.op('MatMul', [c.op('Mul', [split(q!), c.number(scale)]), keys])
      const weights = c.op('Softmax', [mask ? c.op('Add', [scores, mask]) : scores], { axis: int(-1) })
      if (!joined) return c.last('MatMul', [weights, split(v!)])
      const mixed = c.op('Transpose', [c.op('MatMul', [weights, split(v!)])], { perm: ints([0, 2, 1, 3]) })
      return c.last('Reshape', [mixed, c.integers([0, 0, -1])])
    },
  },
]

/** σ(α·x) */
const gate = (c: Chain, node: Node, x: string): string => {
  const alpha = attribute(node, 'alpha', 'float', 1)
  return c.op('Sigmoid', [alpha === 1 ? x : c.op('Mul', [x, c.number(alpha)])])
}

/** Why a node is more than attention of one image's tokens, such as that of a text model; undefined where it is not. */
function attentionFault(node: Node, context: Context): string | undefined {
  const flag = (name: string, otherwise: number) => attribute(node, name, 'int', otherwise)
  const [q, k, , mask, ...caches] = node.inputs
  const [queries, keys] = [context.shape(q!), context.shape(k!)]
  if (caches.some(each => each !== '') || node.outputs.length > 1) return 'has a cache of keys, or several outputs'
  if (flag('is_causal', 0) !== 0 || flag('left_window_size', -1) >= 0 || flag('right_window_size', -1) >= 0)
    return 'hides later tokens, or those outside of a window'
  if (attribute(node, 'softcap', 'float', 0) !== 0) return 'has a softcap'
  if (mask && context.type(mask) === 'bool') return 'has a mask of booleans'
  if (typeof queries?.at(-1) !== 'number') return 'has queries of unknown length'
  const heads = (shape: typeof keys, name: string) => (shape?.length === 3 ? flag(name, 0) : shape?.at(1))
  if (heads(queries, 'q_num_heads') !== heads(keys, 'kv_num_heads')) return 'has several query heads for a key head'
  return undefined
}
