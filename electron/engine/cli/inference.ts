import type { Command } from 'commander'
import type { Classifier } from '../model/classifier.ts'
import { loadClassifier } from '../model/load.ts'
import { createCpuRuntime } from '../runtime/onnxruntime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { wholeNumber } from './options.ts'

/** The option of every command that runs a network, and its schema. */
export const withThreads = (command: Command): Command =>
  command.option('--threads <n>', 'threads of one run of the network (all cores by default)')
export const threads = wholeNumber(1, 1024).optional()

/** Opens a model and a runtime for as long as they are used. */
export async function withClassifier<T>(
  file: string,
  threads: number | undefined,
  use: (classifier: Classifier, runtime: Runtime) => Promise<T>,
): Promise<T> {
  const classifier = await loadClassifier(file)
  const runtime = await createCpuRuntime(threads === undefined ? {} : { threads })
  try {
    return await use(classifier, runtime)
  } finally {
    await runtime.close()
  }
}
