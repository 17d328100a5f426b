import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { composites } from '../../electron/engine/autodiff/composites.ts'
import { LOWERINGS } from '../../electron/engine/autodiff/lower.ts'
import { CONSTANT, RULES } from '../../electron/engine/autodiff/rules/table.ts'
import { ATTRIBUTES } from '../../electron/engine/onnx/attributes.ts'
import { axesRules } from '../../electron/engine/onnx/axes/rules.ts'
import { REWRITINGS } from '../../electron/engine/onnx/decompose.ts'
import { NEWER } from '../../electron/engine/onnx/normalise-newer.ts'
import { operatorShapes } from '../../electron/engine/onnx/shape-rules.ts'
import { hostOperators } from '../../electron/engine/runtime/tensorflow/host.ts'
import { operatorsWith } from '../../electron/engine/runtime/tensorflow/program.ts'
import { expectRule } from '../fixtures/interpreter/case.ts'
import { erf } from '../fixtures/interpreter/erf.ts'
import { image, operatorCases } from '../fixtures/interpreter/operator-cases.ts'
import { OPERATORS } from '../fixtures/interpreter/run.ts'
import { between, table } from '../fixtures/markdown.ts'
import { OPERATOR_GAPS, type OperatorTable } from '../fixtures/operator-gaps.ts'
import { RESULTS } from '../standard/results.ts'

/** The operator that a case is of: "Conv, depthwise" and "Conv 3" are of Conv. */
const operatorOf = (name: string): string => name.split(/[ ,]/)[0]!

const tables: Readonly<Record<OperatorTable, ReadonlySet<string>>> = {
  derivative: new Set([...RULES.keys(), ...CONSTANT]),
  referee: new Set(Object.keys(OPERATORS)),
  case: new Set(Object.keys(operatorCases).map(operatorOf)),
  TensorFlow: new Set([...Object.keys(operatorsWith((_, __, make) => make())), ...Object.keys(hostOperators)]),
  attributes: new Set(ATTRIBUTES.keys()),
  'batch axis': new Set(axesRules.keys()),
  shape: new Set([...Object.keys(operatorShapes), ...Object.keys(composites)]),
}

const extending = readFileSync(new URL('../../docs/extending.md', import.meta.url), 'utf8')

/** Written in plainer operators when a model is read: only its shape and its attributes are looked at before. */
const rewritten = new Set([
  ...REWRITINGS.keys(),
  ...NEWER.filter(({ from }) => from === undefined).flatMap(({ ops }) => ops),
])

describe('every operator is known to every table, or is a known gap', () => {
  const all = new Set(Object.values(tables).flatMap(ops => [...ops]))
  const known = (op: string, name: string) =>
    OPERATOR_GAPS.some(gap => gap.operators.includes(op) && gap.missing.some(each => each === name))
  for (const [name, ops] of Object.entries(tables))
    it(name, () => {
      const missing = [...all].filter(op => !ops.has(op) && !known(op, name))
      const neverThere = (op: string) =>
        name !== 'shape' && (Object.hasOwn(composites, op) || (name !== 'attributes' && rewritten.has(op)))
      expect(missing.filter(op => !neverThere(op))).toEqual([])
    })

  it('lists no gap that is closed', () => {
    const closed = OPERATOR_GAPS.flatMap(({ operators, missing }) =>
      operators.flatMap(op => missing.filter(name => tables[name].has(op)).map(name => `${op}: ${name}`)),
    )
    expect(closed).toEqual([])
    const listed = OPERATOR_GAPS.flatMap(({ operators }) => operators)
    expect(listed.filter(op => !all.has(op))).toEqual([])
    expect(new Set(listed).size).toBe(listed.length)
  })

  it('has a shape rule and a lowering for each composite', () => {
    // Of the standard's, LRN is lowered because a composition of plainer ones is faster, and Resize because runtimes differ in it.
    expect(new Set(LOWERINGS.keys())).toEqual(new Set([...Object.keys(composites), 'LRN', 'Resize']))
  })

  it('prints the gaps in docs/extending.md', () => {
    const rows = OPERATOR_GAPS.map(({ operators, missing, reason }) => [
      operators.map(op => `\`${op}\``).join(', '),
      missing.join(', '),
      reason,
    ])
    expect(between(extending, 'operator-gaps')).toBe(table(['operators', 'missing', 'why'], rows))
  })
})

it('docs/extending.md prints the outcomes of the standard suite', () => {
  const rows = Object.entries(RESULTS).map(([name, { right, refused, unsupported }]) => [
    name,
    ...[right, refused, unsupported].map(String),
  ])
  const head = ['checked', 'right', 'refused', 'no such operator, type or number of axes']
  expect(between(extending, 'standard-suite')).toBe(table(head, rows))
})

describe('both modes of every case agree with central differences', () => {
  for (const [name, { inputs = image, expression, positive = false, options }] of Object.entries(operatorCases))
    if (options === undefined)
      it(name, () => {
        expectRule(inputs, expression, { positive, seed: 6 })
      })
})

it('the referee has the error function in double precision, also far from zero', () => {
  // Abramowitz and Stegun, table 7.1, and erfc for the last ones.
  const known = [
    [0, 0],
    [0.5, 0.5204998778],
    [1.9, 0.9927904292],
    [2, 0.995322265],
    [2.5, 0.999593048],
    [4, 1 - 1.541725790028e-8],
    [6, 1],
    [40, 1],
  ] as const
  for (const [x, value] of known) {
    expect(erf(x)).toBeCloseTo(value, 9)
    expect(erf(-x)).toBeCloseTo(-value, 9)
  }
})
