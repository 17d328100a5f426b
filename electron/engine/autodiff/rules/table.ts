import type { Rule } from '../rule.ts'
import { arithmetic } from './arithmetic.ts'
import { averagePool } from './average-pool.ts'
import { batchNormalization } from './batch-normalization.ts'
import { conv, convTranspose } from './conv.ts'
import { elementwise } from './elementwise.ts'
import { gather } from './gather.ts'
import { globalPools } from './global-pool.ts'
import { lrn } from './lrn.ts'
import { matrix } from './matrix.ts'
import { maxPool } from './max-pool.ts'
import { pickRows } from './pick-rows.ts'
import { rectifiers } from './rectifiers.ts'
import { reductions } from './reductions.ts'
import { reshaping } from './reshaping.ts'
import { resize } from './resize.ts'
import { slicing } from './slicing.ts'
import { softmaxes } from './softmax.ts'

/** The rules of all operators that can be differentiated. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  [
    ...elementwise,
    ...rectifiers,
    ...arithmetic,
    ...matrix,
    ...softmaxes,
    ...reductions,
    ...reshaping,
    ...slicing,
    ...globalPools,
    conv,
    convTranspose,
    maxPool,
    averagePool,
    gather,
    lrn,
    pickRows,
    resize,
    batchNormalization,
  ].map(rule => [rule.op, rule]),
)

/** Operators whose outputs are piecewise constant in their inputs: no derivative passes through them. */
export const CONSTANT: ReadonlySet<string> = new Set([
  ...['Shape', 'Size', 'ConstantOfShape', 'Range', 'ArgMax', 'ArgMin', 'Sign', 'Floor', 'Ceil', 'Round'],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Not', 'IsNaN', 'IsInf'],
])
