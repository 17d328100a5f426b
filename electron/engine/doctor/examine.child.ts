/**
 * Examines one runtime with one network, in a process of its own because drivers may crash it. What is known is printed at
 * once, a line of JSON each.
 */
import { RuntimeName } from '../../contract/runtimes.ts'
import { conform, type Part } from '../conformance/suite.ts'
import { measured, referenceOutputs } from '../inference/measure.ts'
import { loadClassifier } from '../model/load.ts'
import { BACKENDS } from '../runtime/backends.ts'
import { createCpuRuntime } from '../runtime/onnxruntime/cpu.ts'

/** Small, so that slow devices finish: pixels, icons, steps. */
const SIZE = { edge: 64, batch: 2, steps: 5, wholeFrame: true }

const name = RuntimeName.parse(process.argv[2])
const classifier = await loadClassifier(process.argv[3]!)
const { layers } = classifier
const examined = [layers[layers.length >> 1]!, ...(layers.length > 1 ? [layers.at(-1)!] : [])]

const writeLine = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const backend = BACKENDS.find(candidate => candidate.name === name)!
const reference = await createCpuRuntime()
const runtime = await backend.open()
try {
  writeLine({ identity: runtime.identity })
  const check = async (...parts: readonly Part[]): Promise<void> => {
    for (const layer of examined)
      for (const row of await conform(runtime, reference, classifier, layer, { ...SIZE, parts })) writeLine(row)
  }
  await check('derivatives')
  const expected = await referenceOutputs(classifier, reference, new AbortController().signal)
  const found = { ...(await backend.find()), name }
  writeLine({
    measurement: await measured(classifier, found, async () => runtime, expected, new AbortController().signal),
  })
  await check('steps')
  await check('inversion')
  writeLine({ fallbacks: runtime.fallbacks ?? null })
} finally {
  await runtime.close()
  await reference.close()
}
