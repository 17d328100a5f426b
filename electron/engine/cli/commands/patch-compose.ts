import { z } from 'zod'
import { writeOutput } from '../../files/output.ts'
import { encodePng } from '../../images/encode.ts'
import { loadClassifier } from '../../model/load.ts'
import { backgroundOf, compose, fullBackgroundOf } from '../../patch/compose.ts'
import { requireOutputs } from '../../photographs/outputs.ts'
import type { DefineCommand } from '../command.ts'
import { flag } from '../options.ts'
import { Patches, placedPatches, withPatches } from '../patch-options.ts'

const Given = z.object({ model: z.string(), photograph: z.string(), out: z.string(), full: flag, ...Patches.shape })

/** `portolan patch compose MODEL PHOTOGRAPH --patch FILE… --out PNG` */
export const definePatchCompose: DefineCommand = (command, run) =>
  withPatches(command)
    .description(
      'Pastes patches on a photograph and writes the input of the network, pixel for pixel; with --full at the photograph’s resolution.',
    )
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .argument('<photograph>', 'an image file')
    .requiredOption('--out <png>', 'file to write')
    .option('--full', 'at the photograph’s resolution')
    .action(
      run(Given, async given => {
        await requireOutputs([given.out], { models: [given.model], files: [given.photograph, ...given.patch] })
        const classifier = await loadClassifier(given.model)
        const background = await (given.full ? fullBackgroundOf : backgroundOf)(classifier, given.photograph)
        const { patches, pictures } = await placedPatches(given, background.original)
        const { rgb, width, height, notes } = compose(background, patches, pictures)
        await writeOutput(given.out, await encodePng({ rgb, width, height }))
        return {
          json: {
            out: given.out,
            width,
            height,
            patches: patches.map(({ patch, ...placement }) => ({ name: pictures.get(patch)!.name, ...placement })),
            notes,
          },
          text: () => `${given.out}: ${width} × ${height}`,
          incomplete: notes.join('\n') || undefined,
        }
      }),
    )
