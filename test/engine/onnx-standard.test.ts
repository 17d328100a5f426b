import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadTensorflow } from '../../electron/engine/runtime/tensorflow/load.ts'
import { findPython } from '../../electron/tools/python.ts'
import { inOnnxRuntime, inTensorflow } from '../fixtures/interpreter/runtimes.ts'
import {
  type Check,
  derivatives,
  derivativesIn,
  prepared,
  resultsIn,
  resultsOfReferee,
  shapes,
} from '../standard/checks.ts'
import { DIFFERENCES } from '../standard/differences.ts'
import { readCases, type StandardCase } from '../standard/read.ts'
import { type CheckName, RESULTS } from '../standard/results.ts'
import { writeSuite } from '../standard/suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-standard-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The folder of the cases, or why they cannot be had here. */
const suite = async (): Promise<{ readonly cases: string } | { readonly absent: string }> => {
  const python = await findPython()
  if (python === undefined) return { absent: 'there is no Python 3 with the module venv' }
  try {
    return { cases: await writeSuite(python, folder) }
  } catch {
    return { absent: 'the package onnx cannot be installed from the Python package index' }
  }
}
const found = await suite()
const absent = 'absent' in found ? found.absent : undefined

/** Whether a runtime says that it has no such operator, or not for this type or number of axes. */
const refusals: Readonly<Record<string, RegExp>> = {
  'ONNX Runtime': /Could not find an implementation|invalid model\. Type Error|has inconsistent type|Mod node/,
  TensorFlow: /does not support|not supported|supports two|requires numbers on the device|is refused|only lists/,
}
const refusalOf = (runtime: string) => (error: unknown) => refusals[runtime]!.test(String(error))

const CHECKS: Readonly<Record<CheckName, Check>> = {
  'results in ONNX Runtime': resultsIn(inOnnxRuntime, refusalOf('ONNX Runtime')),
  'results in TensorFlow': resultsIn(inTensorflow, refusalOf('TensorFlow')),
  'results of the referee': resultsOfReferee,
  'inferred shapes': shapes,
  'both modes against central differences': derivatives,
  'both modes in ONNX Runtime': derivativesIn(inOnnxRuntime, refusalOf('ONNX Runtime')),
  'both modes in TensorFlow': derivativesIn(inTensorflow, refusalOf('TensorFlow')),
}

describe.skipIf(absent !== undefined)(
  `ONNX's own test suite of operators${absent === undefined ? '' : ` (skipped: ${absent})`}`,
  () => {
    let cases: readonly StandardCase[]
    beforeAll(async () => {
      await loadTensorflow()
      if ('cases' in found) cases = readCases(found.cases)
    })

    for (const [name, check] of Object.entries(CHECKS) as [CheckName, Check][])
      it(name, async () => {
        const counts = { right: 0, refused: 0, unsupported: 0 }
        const wrong: Record<string, string> = {}
        for (const standard of cases)
          for (const operands of ['inputs', 'constants'] as const) {
            const graph = prepared(standard, operands)
            const outcome = 'kind' in graph ? graph : await check(graph, standard)
            if (outcome.kind === 'wrong') wrong[standard.name] = outcome.how
            else counts[outcome.kind]++
          }
        for (const difference of DIFFERENCES)
          if (difference.checks.includes(name)) for (const each of difference.cases) delete wrong[each]
        expect(wrong).toEqual({})
        expect(counts).toEqual(RESULTS[name])
      }, 1_200_000)
  },
)
