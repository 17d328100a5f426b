import { float, int } from '../../onnx/graph.ts'
import type { Calculus } from '../calculus.ts'
import type { Rule, Term } from '../rule.ts'

/** A value with the last two axes swapped. */
function transposed(g: Calculus, x: string, rank: number): string {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return g.permuted(x, [...axes.slice(0, -2), rank - 1, rank - 2])
}

/**
 * y = A·B, in batches that broadcast: t = tA·B + A·tB; dA = d·Bᵀ, dB = Aᵀ·d.
 * A vector is a row on the left, and a column on the right; the axis that y lacks is first inserted into d.
 */
const matMul: Rule = {
  op: 'MatMul',
  jvp: (g, { inputs: [a, b] }, [ta, tb]) => {
    const terms = [ta && g.matmul(ta, b!), tb && g.matmul(a!, tb)]
    return [g.sum(terms.filter(t => t !== undefined))]
  },
  vjp: (g, at, [d]) => {
    if (!d) return []
    const [a, b] = [at.inputs[0]!, at.inputs[1]!]
    const [row, column] = [g.rank(a) === 1, g.rank(b) === 1]
    const unsqueeze = (x: string, axis: number): string => g.node('Unsqueeze', [x, g.integers([axis])])
    const squeeze = (x: string, axis: number): string => g.node('Squeeze', [x, g.integers([axis])])
    const wide = column ? unsqueeze(d, -1) : d
    const full = row ? unsqueeze(wide, -2) : wide
    const matrixA = row ? unsqueeze(a, 0) : a
    const matrixB = column ? unsqueeze(b, 1) : b
    const batch = g.shape(at.y).slice(0, g.rank(at.y) + Number(row) + Number(column) - 2)
    /** Sums over the batches that share the operand. */
    const shared = (term: string, operand: string): string => {
      const own = g.shape(operand).slice(0, -2)
      return g.sumRepeated(term, [...batch, 0, 0], [...own, 0, 0])
    }
    const dA = at.active(0) && shared(g.matmul(full, transposed(g, matrixB, Math.max(2, g.rank(b)))), a)
    const dB = at.active(1) && shared(g.matmul(transposed(g, matrixA, Math.max(2, g.rank(a))), full), b)
    return [dA ? (row ? squeeze(dA, 0) : dA) : undefined, dB ? (column ? squeeze(dB, -1) : dB) : undefined]
  },
}

/** y = α·A′·B′ + β·C, where A′ and B′ may be transposed: the product's rules, and β·d summed to C's shape. */
const gemm: Rule = {
  op: 'Gemm',
  jvp: (g, at, [ta, tb, tc]) => {
    const [a, b, c] = at.inputs
    const { transA, transB, alpha } = at.node.attributes
    const factors = { ...(transA && { transA }), ...(transB && { transB }), ...(alpha && { alpha }) }
    const terms: Term[] = [
      ta && g.node('Gemm', [ta, b!], factors),
      tb && g.node('Gemm', [a!, tb], factors),
      tc && g.broadcast(g.scale(tc, at.float('beta', 1)), c!, at.y),
    ]
    return [g.sum(terms.filter(t => t !== undefined))]
  },
  vjp: (g, at, [d]) => {
    if (!d) return []
    const [a, b, c] = at.inputs
    const [transA, transB] = [at.int('transA', 0), at.int('transB', 0)]
    const product = (left: string, right: string, transLeft: number, transRight: number): string =>
      g.node('Gemm', [left, right], {
        alpha: float(at.float('alpha', 1)),
        transA: int(transLeft),
        transB: int(transRight),
      })
    return [
      at.active(0) ? (transA ? product(b!, d, transB, 1) : product(d, b!, 0, 1 - transB)) : undefined,
      at.active(1) ? (transB ? product(d, a!, 1, transA) : product(a!, d, 1 - transA, 0)) : undefined,
      at.active(2) ? g.unbroadcast(g.scale(d, at.float('beta', 1)), at.y, c!) : undefined,
    ]
  },
}

export const matrix: readonly Rule[] = [matMul, gemm]
