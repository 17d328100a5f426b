import { z } from 'zod'
import { findImages } from '../../images/find.ts'
import { evaluate } from '../../model/classify.ts'
import { labelJson, unknownHints, unknownHintsText } from '../../model/labels.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { missedSentence, requireSome, unreadableFiles } from '../missed.ts'
import { grouped, percent, table } from '../text.ts'

const Given = z.object({ model: z.string(), images: z.array(z.string()), ...onRuntime })

/** `portolan evaluate MODEL --images DIR…` */
export const defineEvaluate: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Measures top-1 and top-5 accuracy on photographs labelled by a synset at the start of their file name, or by their sub-folder.',
    )
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .requiredOption('--images <folder...>', 'folders of photographs')
    .action(
      run(Given, async ({ model, images: folders, ...on }, session) => {
        const { signal, report } = session
        const { images, exceptions } = await findImages(folders, signal)
        const failed = exceptions.filter(({ kind }) => kind === 'failed')
        requireSome(
          images.length,
          `no photographs in ${folders.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`,
        )
        return withClassifier(model, on, session, async (classifier, runtime) => {
          const found = await evaluate(classifier, runtime, images, { signal, report })
          const { n, copies, top1, top5, perClass, unlabelled, unreadable } = found
          const unknown = unknownHints(
            classifier.labels,
            unlabelled.map(({ classHint }) => classHint),
          )
          requireSome(
            images.length - unlabelled.length,
            `none of the ${grouped(images.length)} photographs is labelled with a class of the model; start their names with a synset, or put them into folders named after classes (their folders: ${unknownHintsText(unknown)})`,
          )
          if (unlabelled.length > 0)
            session.note(
              `${grouped(unlabelled.length)} of ${grouped(images.length)} photographs have no class of the model and were left out: ${unknownHintsText(unknown)}`,
            )
          const unreached = failed.map(({ file, reason }) => ({ file, reason }))
          return {
            json: {
              model: classifier.name,
              n,
              copies,
              top1,
              top5,
              perClass: perClass.map(({ label, ...shares }) => ({ ...labelJson(label), ...shares })),
              unlabelled: unlabelled.map(({ file }) => file),
              unknown: unknown.map(({ hint, photographs, classes }) => ({
                hint,
                photographs,
                classes: classes.map(labelJson),
              })),
              unreadable: [...unreadableFiles(unreadable), ...unreached],
            },
            text: () =>
              table(
                [
                  ['top-1', percent(top1)],
                  ['top-5', percent(top5)],
                  ['photographs', grouped(n)],
                  ['classes', grouped(perClass.length)],
                  ...(copies ? [['copies of others, counted once', grouped(copies)]] : []),
                  ...(unlabelled.length
                    ? [['without a class of the model, left out', grouped(unlabelled.length)]]
                    : []),
                ],
                [1],
              ),
            incomplete:
              [
                missedSentence(unreadableFiles(unreadable)),
                ...unreached.map(({ file, reason }) => `${file}: ${reason}`),
              ]
                .filter(line => line !== undefined)
                .join('\n') || undefined,
          }
        })
      }),
    )
