import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { type Inversion, PresetNameSchema } from '../../../contract/inversion.ts'
import { PRESETS } from '../../../contract/presets.ts'
import { BOUNDS } from '../../bounds/bounds.ts'
import { writeOutput } from '../../files/output.ts'
import { contactSheet, encodePng } from '../../images/encode.ts'
import { fileReason, readRegular } from '../../images/read.ts'
import { type InversionResult, Inverter } from '../../inversion/invert.ts'
import { centringOf } from '../../inversion/objective.ts'
import { withAvailable } from '../../inversion/statistics.ts'
import { givenWhitening } from '../../inversion/whitening.ts'
import type { Layer } from '../../model/classifier.ts'
import { findLayer } from '../../model/layers.ts'
import { loadClassifier } from '../../model/load.ts'
import { requireOutputs } from '../../photographs/outputs.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withInference, withThreads } from '../inference.ts'
import { choice, collected, list, wholeNumber } from '../options.ts'

const Given = z
  .object({
    model: z.string(),
    layer: z.string(),
    directions: z.string().optional(),
    channels: list.optional(),
    whitening: z.string().optional(),
    mean: z.string().optional(),
    preset: choice(PresetNameSchema.options),
    first: wholeNumber(1).optional(),
    steps: wholeNumber(1, 16_384).optional(),
    size: wholeNumber(16, 512).optional(),
    batch: wholeNumber(1, 512).optional(),
    seed: wholeNumber(0),
    ...onRuntime,
    out: z.string(),
  })
  .refine(given => (given.directions === undefined) !== (given.channels === undefined), {
    path: ['directions'],
    message: 'or --channels is required: give one of them',
  })

/** `portolan invert MODEL --layer L --out DIR`: icons of directions or channels of one layer. */
export const defineInvert: DefineCommand = (command, run) => {
  withThreads(command)
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .requiredOption('--layer <name>', 'layer by its name in the sidecar or its tensor')
    .option('--directions <file>', 'directions, float32 little-endian, [n, channels]')
    .option('--channels <list>', 'single channels, such as 3,17', collected)
    .option('--whitening <file>', 'whitening matrix, float32 little-endian, [channels, channels]')
    .option('--mean <file>', "the layer's mean activation, float32 little-endian, [channels]")
    .option('--preset <name>', `inversion preset: ${PresetNameSchema.options.join(', ')}`, 'notebook')
    .option('--first <n>', 'only the first n directions')
    .option('--steps <n>', "optimisation steps (the preset's by default)")
    .option('--size <px>', "edge of an icon in pixels (the preset's by default)")
    .option('--batch <n>', 'icons per batch')
    .option('--seed <n>', 'seed of all random choices', '0')
    .requiredOption('--out <dir>', 'folder for the icons')
    .action(
      run(Given, async (given, session) => {
        const { report, signal, note } = session
        const classifier = await loadClassifier(given.model)
        const layer = findLayer(classifier, given.layer)
        const all = await directionsOf(given, layer)
        const directions = all.subarray(0, (given.first ?? all.length) * layer.channels)
        const files = iconFiles(given.out, directions.length / layer.channels, given.channels)
        await requireOutputs(files, { models: [given.model], files: [given.directions, given.whitening] })
        const matrix =
          given.whitening === undefined
            ? undefined
            : givenWhitening(await floats(given.whitening, 'matrix'), layer.channels, given.whitening)
        const meanActivation = given.mean === undefined ? undefined : await meanFrom(given.mean, layer.channels)
        const preset: Inversion = PRESETS[given.preset].inversion
        const inversion = adapted(preset, given, { moment: matrix !== undefined, mean: meanActivation !== undefined })
        if (preset.objective.whiten && !matrix)
          note(`directions are not whitened: pass the whitening matrix of ${given.preset} with --whitening`)
        if (centringOf(preset) > 0 && !meanActivation)
          note(`directions are not centred: pass the layer's mean activation for ${given.preset} with --mean`)
        return withInference(given, async inference => {
          const runtime = await inference.runtimeFor(classifier, session)
          const inverter = await Inverter.create(classifier, runtime, layer, inversion)
          const { icons, seconds } = await invertAll(inverter, directions, layer, inversion, {
            seed: given.seed,
            whitening: matrix,
            mean: meanActivation,
            signal,
            report,
          })
          await writeIcons(files, icons)
          const mean = (value: (icon: InversionResult) => number): number =>
            icons.reduce((sum, icon) => sum + value(icon) / icons.length, 0)
          const failed = icons.flatMap((icon, i) => (icon.status === 'ok' ? [] : [`${i} (${icon.status})`]))
          return {
            json: {
              icons: icons.length,
              steps: inversion.steps,
              tries: inversion.tries,
              seconds,
              ms_per_icon_step: (1000 * seconds) / (icons.length * inversion.steps * inversion.tries),
              fidelity: mean(icon => icon.fidelity),
              robust_fidelity: mean(icon => icon.robustFidelity),
              fidelity_each: icons.map(icon => icon.fidelity),
              robust_fidelity_each: icons.map(icon => icon.robustFidelity),
              failed,
              preset: given.preset,
              seed: given.seed,
              layer: layer.name,
              runtime: { ...runtime.identity },
              out: given.out,
            },
            text: () =>
              `${icons.length} icons of ${layer.name} in ${given.out}: mean fidelity ` +
              `${mean(icon => icon.fidelity).toFixed(2)} (robust ${mean(icon => icon.robustFidelity).toFixed(2)}), ` +
              `${inversion.steps} steps in ${seconds.toFixed(1)} s`,
            incomplete:
              failed.length === 0
                ? undefined
                : `${failed.length} of ${icons.length} icons failed after three starts: ${failed.join(', ')}`,
          }
        })
      }),
    )
}

/** The preset with the command line's parameters. */
function adapted(
  preset: Inversion,
  given: z.output<typeof Given>,
  available: Parameters<typeof withAvailable>[1],
): Inversion {
  const { steps, batch, size } = given
  return withAvailable(
    { ...preset, ...(steps && { steps }), ...(batch && { batch }), ...(size && { size }) },
    available,
  )
}

async function meanFrom(file: string, channels: number): Promise<Float32Array> {
  const mean = await floats(file, 'mean activation')
  if (mean.length !== channels)
    throw new UserError(
      `${file} has ${mean.length} numbers, and the layer has ${channels} channels; write one float32 number per channel`,
    )
  return mean
}

/** @returns the icons, and the seconds of the optimisation without measuring fidelity */
async function invertAll(
  inverter: Inverter,
  directions: Float32Array,
  { channels }: Layer,
  { steps, tries }: Inversion,
  options: Parameters<Inverter['invert']>[1],
): Promise<{ icons: InversionResult[]; seconds: number }> {
  const count = directions.length / channels
  const { batch } = inverter
  const total = Math.ceil(count / batch) * steps * tries
  const icons: InversionResult[] = []
  let [done, milliseconds] = [0, 0]
  for (let from = 0; from < count; from += batch) {
    const start = performance.now()
    let last = start
    const inverted = await inverter.invert(directions.subarray(from * channels, (from + batch) * channels), {
      ...options,
      report: progress => {
        last = performance.now()
        options.report?.({ ...progress, done: done + progress.done, total })
      },
    })
    milliseconds += last - start
    done += steps * tries
    icons.push(...inverted)
  }
  return { icons, seconds: milliseconds / 1000 }
}

async function directionsOf(given: z.output<typeof Given>, layer: Layer): Promise<Float32Array> {
  if (given.directions !== undefined) {
    const values = await floats(given.directions, 'directions')
    if (values.length > 0 && values.length % layer.channels === 0) return values
    throw new UserError(
      `cannot invert ${given.directions}: its ${values.length} numbers are not a multiple of the ${layer.channels} channels of ${layer.name}`,
    )
  }
  const channels = given.channels?.map(Number) ?? []
  const wrong = channels.find(channel => !Number.isInteger(channel) || channel < 0 || channel >= layer.channels)
  if (wrong !== undefined)
    throw new UserError(`--channels takes numbers from 0 to ${layer.channels - 1} in ${layer.name}, not "${wrong}"`, {
      exitCode: 2,
    })
  const directions = new Float32Array(channels.length * layer.channels)
  for (const [row, channel] of channels.entries()) directions[row * layer.channels + channel] = 1
  return directions
}

async function floats(file: string, content: string): Promise<Float32Array> {
  const bytes = await readRegular(file, BOUNDS.directionBytes).catch(error => {
    throw new UserError(`cannot read the ${content} ${file}: ${fileReason(error)}`)
  })
  if (bytes.length % 4 > 0)
    throw new UserError(
      `cannot read the ${content} ${file}: ${bytes.length} bytes are not a multiple of 4; write float32 numbers`,
    )
  return new Float32Array(new Uint8Array(bytes).buffer)
}

/** A PNG for each icon, named by its channel or its row, and last `sheet.png` with all of them. */
const iconFiles = (folder: string, count: number, channels?: readonly string[]): string[] => [
  ...Array.from({ length: count }, (_, row) =>
    join(folder, channels ? `channel-${channels[row]}.png` : `${String(row).padStart(4, '0')}.png`),
  ),
  join(folder, 'sheet.png'),
]

async function writeIcons(files: readonly string[], icons: readonly InversionResult[]): Promise<void> {
  const pictures = icons.map(({ rgb, size }) => ({ rgb, width: size, height: size }))
  for (const [row, picture] of pictures.entries()) await writeOutput(files[row]!, await encodePng(picture))
  const sheet = contactSheet(pictures, Math.ceil(Math.sqrt(pictures.length)), 2, 24)
  await writeOutput(files.at(-1)!, await encodePng(sheet))
}
