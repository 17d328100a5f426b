import { z } from 'zod'
import { type Inversion, PresetNameSchema } from '../../../contract/inversion.ts'
import { PRESETS } from '../../../contract/presets.ts'
import { atlasPicture } from '../../atlas/picture.ts'
import { writeOutput } from '../../files/output.ts'
import { activationGrid } from '../../image/positions.ts'
import { decodeImage } from '../../images/decode.ts'
import { encodePng, encodeWebp } from '../../images/encode.ts'
import { Inverter } from '../../inversion/invert.ts'
import { meanOf, withAvailable } from '../../inversion/statistics.ts'
import { findLayer } from '../../model/layers.ts'
import { requireOutputs } from '../../photographs/outputs.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { choice, wholeNumber } from '../options.ts'

const Given = z.object({
  model: z.string(),
  image: z.string(),
  layer: z.string(),
  preset: choice(PresetNameSchema.options),
  steps: wholeNumber(1, 16_384).optional(),
  seed: wholeNumber(0),
  png: z.string(),
  ...onRuntime,
})

/** `portolan grid MODEL IMAGE --layer L --png FILE` */
export const defineGrid: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Inverts the activation of a photograph at each position of a layer; the size of an icon is the magnitude of the activation.',
    )
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .argument('<image>', 'a photograph')
    .requiredOption('--layer <layer>', 'a layer, such as mixed4d')
    .requiredOption('--png <file>', 'picture to write')
    .option('--preset <name>', `inversion preset: ${PresetNameSchema.options.join(', ')}`, 'draft')
    .option('--steps <n>', "optimisation steps (the preset's by default)")
    .option('--seed <n>', 'seed of the icons', '0')
    .action(
      run(Given, async ({ model, image, layer: wanted, preset, steps, seed, png, ...on }, session) => {
        await requireOutputs([png], { models: [model], files: [image] })
        return withClassifier(model, on, session, async (classifier, runtime) => {
          const { signal, report } = session
          const layer = findLayer(classifier, wanted)
          const { size, resize } = classifier.preprocessing
          const { rgb } = await decodeImage(image, { size, resize })
          const directions = await activationGrid(classifier, runtime, layer, rgb)
          const chosen: Inversion = PRESETS[preset].inversion
          // One photograph has no second moment to whiten with; Building Blocks did not whiten either.
          const available = { moment: false, mean: true }
          const inversion = withAvailable({ ...chosen, steps: steps ?? chosen.steps }, available)
          const inverter = await Inverter.create(classifier, runtime, layer, inversion)
          const { channels, height, width } = layer
          const meanActivation = meanOf(directions, channels)
          const cells = []
          const fidelity: number[] = []
          const batches = Math.ceil((height * width) / inverter.batch)
          for (let from = 0; from < height * width; from += inverter.batch) {
            const part = directions.subarray(from * channels, (from + inverter.batch) * channels)
            const batch = from / inverter.batch
            const icons = await inverter.invert(part, {
              seed,
              mean: meanActivation,
              signal,
              report: ({ done, total }) =>
                report({ stage: 'inversion', done: batch * total + done, total: batches * total, unit: 'steps' }),
            })
            for (const [row, icon] of icons.entries()) {
              fidelity.push(icon.fidelity)
              cells.push({
                row: Math.floor((from + row) / width),
                column: (from + row) % width,
                count: Math.hypot(...part.subarray(row * channels, (row + 1) * channels)),
                icon: await encodeWebp({ rgb: icon.rgb, width: icon.size, height: icon.size }),
              })
            }
          }
          const picture = await atlasPicture(Math.max(height, width), cells)
          await writeOutput(png, await encodePng(picture))
          const mean = fidelity.reduce((sum, value) => sum + value / fidelity.length, 0)
          return {
            json: {
              layer: layer.name,
              height,
              width,
              preset,
              steps: inversion.steps,
              fidelity,
              mean_fidelity: mean,
              png,
            },
            text: () => `${height} × ${width} icons of ${layer.name} in ${png}, mean fidelity ${mean.toFixed(2)}`,
          }
        })
      }),
    )
