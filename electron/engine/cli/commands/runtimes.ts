import { z } from 'zod'
import { type Measurement, RuntimeChoice, type RuntimesState } from '../../../contract/runtimes.ts'
import { demoOrder } from '../../demo/build.ts'
import { loadClassifier } from '../../model/load.ts'
import type { DefineCommand } from '../command.ts'
import { withInference } from '../inference.ts'
import { choice, flag, wholeNumber } from '../options.ts'
import { megabytes, table } from '../text.ts'

const Given = z.object({
  model: z.string().optional(),
  calibrate: flag,
  choose: choice(RuntimeChoice.options).optional(),
  threads: wholeNumber(1, 1024).optional(),
})

/** `portolan runtimes [MODEL] [--calibrate] [--choose NAME]` */
export const defineRuntimes: DefineCommand = (command, run) => {
  command
    .description(
      'Lists the supported runtimes, with the missing requirements of each and how to install them. With --calibrate, ' +
        'measures them with a network; the fastest with correct results runs that network from then on.',
    )
    .argument('[model]', 'the classifier, an ONNX file with its sidecar (the bundled model by default)')
    .option('--calibrate', 'measure every runtime, about ten seconds each')
    .option('--choose <name>', `run this network on ${RuntimeChoice.options.join(', ')} from now on`)
    .option('--threads <n>', 'threads per run of the network (all cores by default)')
    .action(
      run(Given, async ({ model, calibrate, choose, threads }, { signal, report }) => {
        const classifier = await loadClassifier(model ?? demoOrder().model)
        return withInference({ threads }, async inference => {
          if (choose !== undefined) await inference.choose(classifier.hash, choose)
          if (calibrate) await inference.calibrate(classifier, { signal, report })
          const state = await inference.state(classifier.hash)
          return {
            json: { model: classifier.name, hash: classifier.hash, ...JSON.parse(JSON.stringify(state)) },
            text: () => described(classifier.name, state),
          }
        })
      }),
    )
}

function described(model: string, { runtimes, choice, inUse, calibration }: RuntimesState): string {
  const lines = runtimes.map(({ name, title, library, device, missing, remedy }) => [
    name,
    title,
    (missing ?? `${library} on ${device}`) + (remedy === null ? '' : `${missing === null ? ';' : ':'} ${remedy}`),
  ])
  const notes = runtimes.flatMap(({ title, note }) => (note === null ? [] : [`${title}: ${note}.`]))
  const chosen = choice === 'auto' ? '' : ` (chosen; --choose auto selects the fastest measured)`
  return [
    table(lines),
    ...notes,
    calibration === null
      ? `Not yet measured with ${model}: run with --calibrate.`
      : `Measured with ${model}:\n${measurements(calibration.measurements)}`,
    `${model} runs on ${inUse}${chosen}.`,
  ].join('\n\n')
}

const HEADINGS = ['runtime', 'forward pass', 'per icon and step', 'batch', 'memory', 'max error', 'left to the CPU', '']

function measurements(measured: readonly Measurement[]): string {
  const ms = (value: number | null): string => (value === null ? '–' : `${value.toPrecision(3)} ms`)
  const rows = measured.map(({ name, forwardMs, stepMs, batch, memory, error, fallbacks, refused }) => [
    name,
    ms(forwardMs),
    ms(stepMs),
    batch === null ? '–' : String(batch),
    memory === null ? '–' : megabytes(memory),
    error === null ? '–' : error.toExponential(0),
    fallbacks === null ? '–' : `${fallbacks.nodes} of ${fallbacks.of}`,
    refused === null ? '' : `refused: ${refused}`,
  ])
  return table([HEADINGS, ...rows], [1, 2, 3, 4, 5, 6])
}
