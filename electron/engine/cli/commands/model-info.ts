import { z } from 'zod'
import { checkInput } from '../../inference/input-check.ts'
import { invertsAtAnySize } from '../../inversion/layer-size.ts'
import type { Classifier } from '../../model/classifier.ts'
import { runsAtAnySize } from '../../model/load.ts'
import { undifferentiable } from '../../model/operators.ts'
import { inputSizeText, readSidecar } from '../../model/sidecar.ts'
import type { DefineCommand } from '../command.ts'
import { guessText } from '../guesses.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { somePhotographs } from '../some-photographs.ts'
import { grouped, table } from '../text.ts'

const Given = z.object({ model: z.string(), images: z.array(z.string()).optional(), check: z.boolean(), ...onRuntime })

/** `portolan model info MODEL` */
export const defineModelInfo: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      "Prints a network's layers, classes and preprocessing, and checks whether its predictions are consistent with them.",
    )
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .option('--images <folder...>', 'photographs for the check of the input (default: synthetic images)')
    .option('--no-check', 'do not run the network')
    .action(
      run(Given, async ({ model, images, check, ...on }, session) => {
        const { unconfirmed = [], alternatives = {} } = await readSidecar(model)
        return withClassifier(model, on, session, async (classifier, runtime) => {
          const photographs = images && (() => somePhotographs(classifier, images, session.signal))
          const range = check
            ? await checkInput(classifier, runtime, { photographs, again: true, report: session.report })
            : undefined
          const obstacles = undifferentiable(classifier)
          const anySize = runsAtAnySize(classifier)
          const fixed = classifier.layers.filter(layer => !invertsAtAnySize(classifier, layer)).map(layer => layer.name)
          const { name, file, hash, preprocessing, head, activation, labels, layers, license, source } = classifier
          return {
            json: {
              name,
              file,
              hash,
              input: { ...preprocessing, range: [...preprocessing.range] },
              anySize,
              fixedSizeLayers: fixed,
              logits: head,
              probabilities: activation ?? classifier.probabilities,
              classes: labels.length,
              layers: layers.map(layer => ({ ...layer })),
              undifferentiable: obstacles.map(({ op, node, layersBefore }) => ({ op, node, layersBefore })),
              unconfirmed,
              alternatives,
              license,
              source,
              ...(range && {
                check: {
                  images: range.images,
                  photographs: range.photographs,
                  information: range.information,
                  warning: range.warning,
                },
              }),
            },
            text: () =>
              [
                described(classifier, anySize),
                table(
                  [
                    ['layer', 'channels', 'units', 'stride', 'receptive field', 'tensor'],
                    ...layers.map(layer => [
                      layer.name,
                      String(layer.channels),
                      `${layer.height} × ${layer.width}`,
                      `${layer.stride} px`,
                      `${layer.receptiveField} px`,
                      layer.tensor,
                    ]),
                  ],
                  [1, 2, 3, 4],
                ),
                ...(fixed.length
                  ? [
                      `The input size is fixed up to ${fixed.length > 3 ? `${fixed[0]} … ${fixed.at(-1)}` : fixed.join(', ')}: icons of ${fixed.length === 1 ? 'this layer' : 'these layers'} are made at this size, with the presets atlas, draft, calm and recipe.`,
                    ]
                  : []),
                ...obstacles.map(
                  ({ op, node, layersBefore }) =>
                    `${op} (${node}) is not differentiable: no attribution for ${layersBefore.join(', ') || 'any layer before it'}.`,
                ),
                ...(unconfirmed.length
                  ? [`Guessed and not yet confirmed: ${guessText({ unconfirmed, alternatives })}.`]
                  : []),
                ...(range
                  ? [range.warning ?? 'The predictions of the network are consistent with the described input.']
                  : []),
              ].join('\n\n'),
          }
        })
      }),
    )

function described(classifier: Classifier, anySize: boolean): string {
  const { name, file, hash, preprocessing, head, labels, license, source } = classifier
  const { channels, range, mean, std, resize } = preprocessing
  return table([
    ['name', name],
    ['file', file],
    ['SHA-256', hash],
    [
      'input',
      `${inputSizeText(preprocessing)} ${channels}, ${range.join(' to ')}, minus ${mean.join(', ')}, over ${std.join(', ')}`,
    ],
    ['other sizes', anySize ? 'supported' : 'not supported: the size is fixed'],
    ['photographs', resize === 'stretch' ? 'stretched to that size' : 'the central part of that shape'],
    ['logits', head],
    ['probabilities', probabilitiesText(classifier)],
    ['classes', grouped(labels.length)],
    ['licence', license],
    ['source', source],
  ])
}

/** A single logit with a sigmoid is stored as two logits with a softmax; the text is that of the sidecar. */
const probabilitiesText = ({ probabilities, activation }: Classifier): string => {
  if (probabilities === 'sigmoid') return 'sigmoid, each class independently'
  return activation === 'sigmoid' ? 'sigmoid of a single logit: no and yes' : 'softmax over all classes'
}
