import { z } from 'zod'
import { classify, strongest } from '../../model/classify.ts'
import { labelJson, labelText } from '../../model/labels.ts'
import { probabilitiesOf } from '../../model/probabilities.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { missedSentence, unreadableFiles } from '../missed.ts'
import { wholeNumber } from '../options.ts'
import { percent, table } from '../text.ts'

const Given = z.object({ model: z.string(), image: z.array(z.string()), top: wholeNumber(1), ...onRuntime })

/** `portolan classify MODEL IMAGE…` */
export const defineClassify: DefineCommand = (command, run) =>
  withThreads(command)
    .description('Prints the predicted classes of photographs with their probabilities.')
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .argument('<image...>', 'photographs')
    .option('--top <n>', 'classes to list for each photograph', '5')
    .action(
      run(Given, ({ model, image, top, ...on }, session) =>
        withClassifier(model, on, session, async (classifier, runtime) => {
          const sources = image.map(file => ({ file }))
          const { predictions, unreadable } = await classify(classifier, runtime, sources, session)
          const images = predictions.map(({ source, hash, logits }) => {
            const probabilities = probabilitiesOf(classifier, logits)
            const classes = strongest(logits, top).map(({ index, value }) => ({
              ...labelJson(classifier.labels[index]!),
              probability: probabilities[index]!,
              logit: value,
            }))
            return { file: source.file, hash, top: classes }
          })
          return {
            json: { model: classifier.name, images, unreadable: unreadableFiles(unreadable) },
            text: () =>
              images
                .map(({ file, top }) => {
                  const rows = top.map(({ index, probability }) => [
                    `  ${percent(probability)}`,
                    labelText(classifier.labels[index]!),
                  ])
                  return `${file}\n${table(rows, [0])}`
                })
                .join('\n\n'),
            incomplete: missedSentence(unreadableFiles(unreadable)),
          }
        }),
      ),
    )
