import { z } from 'zod'
import { readModel } from '../../model/file.ts'
import { proposeSidecar, writeSidecar } from '../../model/init.ts'
import { inputSizeText } from '../../model/sidecar.ts'
import type { DefineCommand } from '../command.ts'
import { guessText } from '../guesses.ts'
import { flag } from '../options.ts'

/** `portolan model init MODEL` */
export const defineModelInit: DefineCommand = (command, run) =>
  command
    .description(
      'Writes NAME.model.json beside NAME.onnx: logits, layers at the ends of blocks, and a guess of the preprocessing, which you confirm.',
    )
    .argument('<model>', 'an ONNX file')
    .option('--all-layers', 'the ends of all blocks (default: a dozen)')
    .action(
      run(z.object({ model: z.string(), allLayers: flag }), async ({ model, allLayers }) => {
        const proposed = proposeSidecar(await readModel(model), { manyLayers: allLayers })
        const file = await writeSidecar(model, proposed)
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
          },
          text: () =>
            [
              `Wrote ${file}: input ${inputSizeText(input)}, logits "${logits}" with a ${probabilities}, ${names.length} ${names.length === 1 ? 'layer' : 'layers'} (${names.join(', ')}).`,
              ...(unconfirmed.length
                ? [
                    `Guessed, please confirm or correct: ${guessText(proposed)}. portolan model info ${model} checks them.`,
                  ]
                : []),
            ].join('\n'),
        }
      }),
    )
