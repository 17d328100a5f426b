import { basename } from 'node:path'
import { z } from 'zod'
import { logOdds } from '../../../contract/outcome.ts'
import { lookOf, lookText, placesOf } from '../../../contract/placement.ts'
import { unsetLetters } from '../../figures/lettering.ts'
import { writeOutput } from '../../files/output.ts'
import { distinctName, findLabel, labelText } from '../../model/labels.ts'
import { frameClassifier } from '../../patch/classify.ts'
import { backgroundOf } from '../../patch/compose.ts'
import { readPatch } from '../../patch/picture.ts'
import { sweepFigure } from '../../patch/sweep/figure.ts'
import { bestAbove, crossingsOf, type SweepReading, sweepReadings } from '../../patch/sweep/positions.ts'
import { requireOutputs } from '../../photographs/outputs.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { wholeNumber } from '../options.ts'
import { look, sizes, withLook } from '../patch-options.ts'
import { percent, table } from '../text.ts'
import { noteUnset } from '../unset.ts'

const Given = z.object({
  model: z.string(),
  photograph: z.string(),
  patch: z.string(),
  source: z.string(),
  target: z.string(),
  sizes: sizes(0),
  positions: wholeNumber(1, 32),
  png: z.string().optional(),
  ...onRuntime,
  ...look,
})

/** `portolan patch sweep MODEL PHOTOGRAPH PATCH --source CLASS --target CLASS` */
export const definePatchSweep: DefineCommand = (command, run) =>
  withThreads(withLook(command, 'square'))
    .description(
      'Classifies a photograph with a patch at every size and position, and reports the smallest size that changes the predicted class.',
    )
    .argument('<model>', 'the classifier, an ONNX file with its sidecar')
    .argument('<photograph>', 'an image file')
    .argument('<patch>', 'the picture to paste')
    .requiredOption('--source <class>', 'class of the photograph')
    .requiredOption('--target <class>', 'target class that the patch should induce')
    .option('--sizes <list>', 'shares of the photograph, such as 0.2,0.4,0.7, or FROM:TO:STEP', '0.1:0.8:0.1')
    .option('--positions <n>', 'positions per edge; 2: the four corners', '2')
    .option('--png <file>', 'write a figure of heat maps and curves')
    .action(
      run(Given, async (given, session) => {
        await requireOutputs([given.png], { models: [given.model], files: [given.photograph, given.patch] })
        return withClassifier(given.model, given, session, async (classifier, runtime) => {
          const { labels } = classifier
          const [source, target] = [findLabel(labels, given.source).index, findLabel(labels, given.target).index]
          const background = await backgroundOf(classifier, given.photograph)
          const picture = await readPatch(given.patch)
          const net = await frameClassifier(classifier, runtime)
          const readings: SweepReading[] = []
          const order = { ...given, patch: 1, background, picture, look: lookOf(given), source, target }
          for await (const some of sweepReadings(net, order)) readings.push(...some)
          const before = readings[0]!
          const after = readings.slice(1)
          const winners = after.map(({ winner }) => winner)
          const crossings = crossingsOf(winners, given.sizes, given.positions, before.winner)
          const above = after.map(
            ({ targetProbability, controlProbability }) => logOdds(targetProbability) - logOdds(controlProbability),
          )
          const best = bestAbove(above)!
          const about = `${classifier.name}; photograph ${basename(given.photograph)}, patch ${basename(given.patch)}`
          const figure = given.png === undefined ? null : await sweepFigure({ ...order, about, before, after, labels })
          if (given.png !== undefined && figure !== null) await writeOutput(given.png, await figure.png())
          const unset = unsetLetters(figure?.texts ?? [])
          noteUnset(unset, session)
          const places = placesOf({ kind: 'grid', n: given.positions })
          return {
            json: {
              model: classifier.name,
              photograph: given.photograph,
              patch: given.patch,
              look: { ...order.look },
              source,
              target,
              positions: places.map(place => ({ ...place })),
              before: { ...before },
              readings: after.map(({ size, ...reading }) => ({ size: given.sizes[size]!, ...reading })),
              best: { size: given.sizes[after[best]!.size]!, position: after[best]!.position, above: above[best]! },
              crossings: crossings.map(crossing => ({ ...crossing })),
              png: given.png,
              unsetLetters: unset.map(({ text, letters }) => ({ text, letters })),
            },
            text: () =>
              [
                `look: ${lookText(order.look)}`,
                `before: ${percent(before.sourceProbability)} ${distinctName(labels, source)}, ${percent(before.targetProbability)} ${distinctName(labels, target)}`,
                table(
                  [
                    [
                      'size',
                      'at',
                      distinctName(labels, source),
                      distinctName(labels, target),
                      '',
                      'winner',
                      'log-odds above control',
                    ],
                    ...after.map(({ size, position, ...reading }, k) => [
                      given.sizes[size]!.toString(),
                      `${places[position]!.x.toFixed(2)},${places[position]!.y.toFixed(2)}`,
                      percent(reading.sourceProbability),
                      percent(reading.targetProbability),
                      percent(reading.winnerProbability),
                      labelText(labels[reading.winner]!),
                      above[k]!.toFixed(2),
                    ]),
                  ],
                  [0, 2, 3, 4, 6],
                ),
                `most above its best control: size ${given.sizes[after[best]!.size]} at ${places[after[best]!.position]!.x.toFixed(2)},${places[after[best]!.position]!.y.toFixed(2)}, target log-odds ${above[best]!.toFixed(2)} above it`,
                ...crossings.map(
                  ({ row, column, size, from, to }) =>
                    `position ${row},${column}: ${distinctName(labels, to)} from size ${size} on, below it ${distinctName(labels, from)}`,
                ),
              ].join('\n'),
          }
        })
      }),
    )
