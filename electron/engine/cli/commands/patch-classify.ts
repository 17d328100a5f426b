import { z } from 'zod'
import type { Predictions } from '../../../contract/patch.ts'
import type { Classifier } from '../../model/classifier.ts'
import { findLabel, labelJson, labelText } from '../../model/labels.ts'
import { frameClassifier, topPredictions } from '../../patch/classify.ts'
import { backgroundOf, compose } from '../../patch/compose.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { wholeNumber } from '../options.ts'
import { Patches, placedPatches, withPatches } from '../patch-options.ts'
import { percent, table } from '../text.ts'

const Given = z.object({
  model: z.string(),
  photograph: z.string(),
  class: z.array(z.string()).default([]),
  top: wholeNumber(1, 100),
  ...onRuntime,
  ...Patches.shape,
})

/** `portolan patch classify MODEL PHOTOGRAPH --patch FILE…` */
export const definePatchClassify: DefineCommand = (command, run) =>
  withThreads(withPatches(command))
    .description('Classifies a photograph as it is and with patches on it, side by side.')
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .argument('<photograph>', 'an image file')
    .option('--class <name...>', 'classes to list as well as the strongest, such as source and target')
    .option('--top <n>', 'number of strongest classes to list', '5')
    .action(
      run(Given, (given, session) =>
        withClassifier(given.model, given, session, async (classifier, runtime) => {
          const pinned = given.class.map(name => findLabel(classifier.labels, name).index)
          const background = await backgroundOf(classifier, given.photograph)
          const { patches, pictures } = await placedPatches(given, background.original)
          const { rgb, notes } = compose(background, patches, pictures)
          const net = await frameClassifier(classifier, runtime)
          const both = new Uint8Array(2 * rgb.length)
          both.set(background.rgb)
          both.set(rgb, rgb.length)
          const logits = await net.logits(both)
          const classes = classifier.labels.length
          const before = topPredictions(classifier, logits.subarray(0, classes), given.top, pinned)
          const after = topPredictions(classifier, logits.subarray(classes), given.top, pinned)
          const named = ({ top, pinned: followed }: Predictions) => {
            const withNames = (predictions: Predictions['top']) =>
              predictions.map(({ index, ...values }) => ({ ...labelJson(classifier.labels[index]!), ...values }))
            return { top: withNames(top), pinned: withNames(followed) }
          }
          return {
            json: {
              model: classifier.name,
              photograph: given.photograph,
              before: named(before),
              after: named(after),
              notes,
            },
            text: () => sideBySide(classifier, logits, before, after),
            incomplete: notes.join('\n') || undefined,
          }
        }),
      ),
    )

/** The followed classes and the strongest of both, each with its two probabilities and logits. */
function sideBySide(classifier: Classifier, logits: Float32Array, before: Predictions, after: Predictions): string {
  const { labels } = classifier
  const shown = [...new Set([...after.pinned, ...before.top, ...after.top].map(({ index }) => index))]
  const first = topPredictions(classifier, logits.subarray(0, labels.length), 0, shown).pinned
  const second = topPredictions(classifier, logits.subarray(labels.length), 0, shown).pinned
  return table(
    [
      ['before', 'after', 'logits', '', 'class'],
      ...shown.map((index, k) => [
        percent(first[k]!.probability),
        percent(second[k]!.probability),
        first[k]!.logit.toFixed(2),
        second[k]!.logit.toFixed(2),
        labelText(labels[index]!),
      ]),
    ],
    [0, 1, 2, 3],
  )
}
