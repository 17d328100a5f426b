import { realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { type ModelFile, readModel } from '../../model/file.ts'
import { proposeSidecar, writeSidecar } from '../../model/init.ts'
import { parseLabels, readLabelLines } from '../../model/label-file.ts'
import { preparedClassifier } from '../../model/load.ts'
import { inputSizeText, type Sidecar } from '../../model/sidecar.ts'
import type { DefineCommand } from '../command.ts'
import { guessText } from '../guesses.ts'
import { onRuntime, withThreads } from '../inference.ts'
import { confirmedByPhotographs, trialsTable } from '../input-trials.ts'
import { flag } from '../options.ts'

const Given = z.object({
  model: z.string(),
  allLayers: flag,
  images: z.array(z.string()).optional(),
  labels: z.string().optional(),
  ...onRuntime,
})

/** `portolan model init MODEL` */
export const defineModelInit: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Writes NAME.model.json beside NAME.onnx: logits, layers at the ends of blocks, and a guess of the preprocessing, which you confirm, or photographs whose classes are known.',
    )
    .argument('<model>', 'an ONNX file')
    .option('--all-layers', 'the ends of all blocks (default: a dozen)')
    .option(
      '--images <folder...>',
      'photographs labelled by a synset at the start of their file name, or by their sub-folder: confirms range, mean, scale, order of the colours and logits by them',
    )
    .option('--labels <file>', 'a class a line, in the order of the outputs')
    .action(
      run(Given, async ({ model: path, allLayers, images, labels, ...on }, session) => {
        const model = await readModel(path)
        const guessed = await withLabels(model, proposeSidecar(model, { manyLayers: allLayers }), labels)
        const tried =
          images && (await confirmedByPhotographs(model, guessed, { folders: images, labels, ...on }, session))
        const proposed = tried?.sidecar ?? guessed
        const file = await writeSidecar(path, proposed)
        const { logits, probabilities, layers, input, unconfirmed = [], alternatives = {} } = proposed
        const names = Object.keys(layers)
        return {
          json: {
            sidecar: file,
            logits,
            probabilities,
            layers,
            input: { ...input, range: [...input.range] },
            unconfirmed,
            alternatives,
            ...(tried && {
              confirmed: [...tried.confirmed],
              sentences: [...tried.sentences],
              trials: tried.trials.map(({ preprocessing: { channels, range, mean, std }, ...trial }) => ({
                ...{ channels, range: [...range], mean: [...mean], std: [...std] },
                ...trial,
              })),
            }),
          },
          text: () =>
            [
              ...(tried ? [trialsTable(tried.trials), '', ...tried.sentences] : []),
              `Wrote ${file}: input ${inputSizeText(input)}, logits "${logits}" with a ${probabilities}, ${names.length} ${names.length === 1 ? 'layer' : 'layers'} (${names.join(', ')}).`,
              ...(unconfirmed.length
                ? [
                    `Guessed, please confirm or correct: ${guessText(proposed)}. portolan model info ${path} checks them.`,
                  ]
                : []),
            ].join('\n'),
        }
      }),
    )

/**
 * A description with the classes of a label file: by its name where it lies beside the model, otherwise each of them.
 * @throws UserError when they are not as many as the model has
 */
async function withLabels(model: ModelFile, proposed: Sidecar, file: string | undefined): Promise<Sidecar> {
  if (file === undefined) return proposed
  const lines = await readLabelLines(file)
  const isBeside = dirname(await realpath(file)) === (await realpath(dirname(model.file)))
  const sidecar: Sidecar = {
    ...proposed,
    labels: isBeside ? basename(file) : [...lines],
    unconfirmed: proposed.unconfirmed?.filter(field => field !== 'labels'),
  }
  preparedClassifier(model, sidecar, parseLabels(lines, basename(file)))
  return sidecar
}
