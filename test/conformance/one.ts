/** Runs the suite on one runtime, in a process of its own: each row is one line of JSON on stdout. */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { RuntimeName } from '../../electron/contract/runtimes.ts'
import { conform, PARTS } from '../../electron/engine/conformance/suite.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BACKENDS } from '../../electron/engine/runtime/backends.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { networks } from '../fixtures/networks.ts'

const Options = z.object({
  runtime: RuntimeName,
  networks: z
    .string()
    .transform(text =>
      z.array(z.enum(['plain', 'inception', 'residual', 'depthwise', 'squeeze', 'dense'])).parse(text.split(',')),
    ),
  edge: z.coerce.number().int(),
  steps: z.coerce.number().int(),
  model: z.string().optional(),
  layers: z.string().default(''),
  whole: z.boolean(),
  parts: z.string().transform(text => z.array(z.enum(PARTS)).parse(text.split(','))),
})
const { values } = parseArgs({
  options: {
    runtime: { type: 'string' },
    networks: { type: 'string', default: 'plain,inception,residual,depthwise,squeeze,dense' },
    edge: { type: 'string', default: '64' },
    steps: { type: 'string', default: '20' },
    model: { type: 'string' },
    layers: { type: 'string' },
    whole: { type: 'boolean', default: false },
    parts: { type: 'string', default: PARTS.join() },
  },
})
const options = Options.parse(values)

const writeLine = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const runtime = await BACKENDS.find(({ name }) => name === options.runtime)!.open()
const reference = await createCpuRuntime({ threads: 1 })
try {
  writeLine({ identity: runtime.identity })
  const { edge, steps, parts } = options
  const size = { edge, batch: 2, steps, wholeFrame: options.whole, parts }
  if (options.model !== undefined) {
    const classifier = await loadClassifier(options.model)
    for (const name of options.layers.split(','))
      for (const row of await conform(runtime, reference, classifier, findLayer(classifier, name), size)) writeLine(row)
  } else
    for (const name of options.networks) {
      const classifier = classifierFrom(networks[name]())
      for (const row of await conform(runtime, reference, classifier, classifier.layers.at(-1)!, size)) writeLine(row)
    }
} finally {
  writeLine({ fallbacks: runtime.fallbacks ?? null })
  await runtime.close()
  await reference.close()
}
