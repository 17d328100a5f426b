import { confirm, inputText } from '../evaluation/confirmed.ts'
import { type Trial, tryInputs } from '../evaluation/input-trial.ts'
import { knownClasses } from '../evaluation/known-classes.ts'
import { findImages } from '../images/find.ts'
import type { ModelFile } from '../model/file.ts'
import { unknownHints, unknownHintsText } from '../model/labels.ts'
import { preparedClassifier } from '../model/load.ts'
import type { Sidecar } from '../model/sidecar.ts'
import type { Session } from './command.ts'
import { type OnRuntime, withInference } from './inference.ts'
import { requireSome } from './missed.ts'
import { grouped, percent, table } from './text.ts'

interface Tried {
  readonly sidecar: Sidecar
  readonly confirmed: readonly string[]
  readonly sentences: readonly string[]
  readonly trials: readonly Trial[]
}

/**
 * Confirms a proposed description by photographs whose paths name their classes.
 * @param labels the label file that was named; otherwise the order of the classes is a guess, which is written if the
 *               network recognises the photographs with it
 * @throws UserError when no photograph has a class of the network
 */
export async function confirmedByPhotographs(
  model: ModelFile,
  proposed: Sidecar,
  { folders, labels, ...on }: OnRuntime & { readonly folders: readonly string[]; readonly labels: string | undefined },
  session: Session,
): Promise<Tried> {
  const { signal, report } = session
  const guessed = preparedClassifier(model, { ...proposed, labels: undefined })
  const { images } = await findImages(folders, signal)
  requireSome(
    images.length,
    `no photographs in ${folders.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`,
  )
  const known = await knownClasses(guessed.labels.length, images, labels)
  const hints = images.map(({ classHint }) => classHint)
  requireSome(
    known.photographs.length,
    `none of the ${grouped(images.length)} photographs is labelled with a class of the model; start their names with a synset, put them into folders named after classes, or name the classes in order with --labels (their folders: ${unknownHintsText(unknownHints(known.labels, hints))})`,
  )
  const trials = await withInference(on, async inference =>
    tryInputs(model, proposed, known.labels, known.photographs, await inference.runtimeFor(guessed, session), {
      ...{ signal, report },
    }),
  )
  const { sidecar, confirmed, sentence } = confirm(proposed, trials)
  const others = trials.otherClasses.map(
    logits => `"${logits}" was not tried: it has other classes than the photographs.`,
  )
  const { lines, origin } = known
  if (!trials.recognises || lines === undefined || origin === undefined)
    return { sidecar, confirmed, sentences: [sentence, ...others], trials: trials.trials }
  return {
    sidecar: {
      ...sidecar,
      labels: [...lines],
      unconfirmed: sidecar.unconfirmed?.filter(field => field !== 'labels'),
    },
    confirmed: [...confirmed, 'labels'],
    sentences: [sentence, `The labels are ${origin}.`, ...others],
    trials: trials.trials,
  }
}

/** What was tried, the likeliest first. */
export const trialsTable = (trials: readonly Trial[]): string =>
  table(
    [
      ['input', 'logits', 'photographs', 'top-1', 'log-likelihood', ''],
      ...trials.map(({ logits, preprocessing, photographs, top1, logLikelihood, ruledOut }) => [
        inputText(preprocessing),
        logits,
        String(photographs),
        percent(top1),
        logLikelihood.toFixed(2),
        ruledOut ? 'ruled out' : '',
      ]),
    ],
    [2, 3, 4],
  )
