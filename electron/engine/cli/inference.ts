import type { Command } from 'commander'
import { RuntimeChoice } from '../../contract/runtimes.ts'
import { Inference } from '../inference/inference.ts'
import type { Classifier } from '../model/classifier.ts'
import { loadClassifier } from '../model/load.ts'
import { modelFoundAt, openClassifier, requireClassifier } from '../registry/open.ts'
import { modelState } from '../registry/state.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Writable } from '../store/sql.ts'
import type { Session } from './command.ts'
import { choice, wholeNumber } from './options.ts'

/** The options of every command that runs a network, and their schemas. */
export const withThreads = (command: Command): Command =>
  command
    .option('--threads <n>', 'threads per run of the network (all cores by default)')
    .option(
      '--runtime <name>',
      `runtime: ${RuntimeChoice.options.join(', ')} (default: the choice stored for the model; see portolan runtimes)`,
    )
export const onRuntime = {
  threads: wholeNumber(1, 1024).optional(),
  runtime: choice(RuntimeChoice.options).optional(),
}

/** Threads and runtime that a command was given. */
interface OnRuntime {
  readonly threads?: number | undefined
  readonly runtime?: RuntimeChoice | undefined
}

/** Opens a model and its runtime for as long as they are used. */
export async function withClassifier<T>(
  file: string,
  on: OnRuntime,
  session: Session,
  use: (classifier: Classifier, runtime: Runtime) => Promise<T>,
): Promise<T> {
  const classifier = await loadClassifier(file)
  return withInference(on, async inference => use(classifier, await inference.runtimeFor(classifier, session)))
}

/**
 * Opens a classifier of a project and its runtime for as long as they are used, and notes where the description of its
 * model has changed.
 * @param model new path of the model, if it was moved
 * @throws UserError when the model is missing or has changed
 */
export async function withProjectClassifier<T>(
  db: Writable,
  key: string,
  { model, ...on }: OnRuntime & { readonly model?: string | undefined },
  session: Session,
  use: (classifier: Classifier, runtime: Runtime) => Promise<T>,
): Promise<T> {
  const stored = requireClassifier(db, key)
  if (model !== undefined) await modelFoundAt(db, model, stored.model.hash)
  const classifier = await openClassifier(db, key)
  const { note } = await modelState(db, requireClassifier(db, key).model, stored.record)
  if (note !== null) session.note(note)
  return withInference(on, async inference => use(classifier, await inference.runtimeFor(classifier, session)))
}

/** Opens `Inference` for as long as it is used. */
export async function withInference<T>(
  { threads, runtime }: OnRuntime,
  use: (inference: Inference) => Promise<T>,
): Promise<T> {
  const inference = new Inference({ threads, choice: runtime })
  try {
    return await use(inference)
  } finally {
    await inference.close()
  }
}
