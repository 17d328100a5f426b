import type { Command } from 'commander'
import { z } from 'zod'
import { RuntimeChoice } from '../../contract/runtimes.ts'
import { Inference } from '../inference/inference.ts'
import type { Classifier } from '../model/classifier.ts'
import { loadClassifier } from '../model/load.ts'
import { modelFoundAt, openClassifier, requireClassifier } from '../registry/open.ts'
import { modelState } from '../registry/state.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Writable } from '../store/sql.ts'
import type { Session } from './command.ts'
import { choice, list, wholeNumber } from './options.ts'

/** The options of every command that runs a network, and their schemas. */
export const withThreads = (command: Command): Command =>
  command
    .option('--threads <n>', 'threads per run of the network (all cores by default)')
    .option(
      '--runtime <name>',
      `runtime: ${RuntimeChoice.options.join(', ')}; of several devices one by its number, such as cuda:1 (default: the choice stored for the model; see portolan runtimes)`,
    )

/** A runtime, and which of its devices: `cuda:1`. */
export interface ChosenRuntime {
  readonly choice: RuntimeChoice
  readonly device: number | undefined
}

const chosen = z.string().transform((text, context): ChosenRuntime => {
  const [, name, device] = /^([a-z]+)(?::(\d{1,2}))?$/.exec(text) ?? []
  const known = RuntimeChoice.safeParse(name)
  if (known.success && !(known.data === 'auto' && device !== undefined))
    return { choice: known.data, device: device === undefined ? undefined : Number(device) }
  context.addIssue(choice(RuntimeChoice.options).safeParse(undefined).error!.issues[0]!.message)
  return z.NEVER
})
export const threads = wholeNumber(1, 1024).optional()
export const onRuntime = { threads, runtime: chosen.optional() }
/** For commands that use several devices: `cuda:0,cuda:1`. */
export const onRuntimes = {
  threads,
  runtime: list.pipe(z.array(chosen)).optional(),
}

/** Threads and runtime that a command was given. */
export interface OnRuntime {
  readonly threads?: number | undefined
  readonly runtime?: ChosenRuntime | undefined
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
  const inference = new Inference({ threads, choice: runtime?.choice, device: runtime?.device })
  try {
    return await use(inference)
  } finally {
    await inference.close()
  }
}
