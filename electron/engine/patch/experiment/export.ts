import { csvField } from '../../../contract/csv.ts'
import { UserError } from '../../../contract/errors.ts'
import { type ExperimentPlan, looksText } from '../../../contract/experiment.ts'
import { chosenText, type ModelResult, type Trial } from '../../../contract/experiment-result.ts'
import { placesOf } from '../../../contract/placement.ts'
import type { Figure } from '../../figures/figure.ts'
import { type UnsetText, unsetLetters } from '../../figures/lettering.ts'
import { writeOutput } from '../../files/output.ts'
import { decodeStored } from '../../images/stored-picture.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName } from '../../model/labels.ts'
import { patchPicture } from '../../store/patches.ts'
import type { Readable } from '../../store/sql.ts'
import { experimentFigure } from './figure.ts'
import { experimentResult } from './results.ts'
import { allTrials } from './trials.ts'

export type ExperimentFormat = 'csv' | 'json' | 'png'

/**
 * Writes an experiment into a file: every trial as CSV; plan, results and trials as JSON; a figure as PNG.
 * @param labels of the first model
 * @returns bytes written, and texts of which the figure cannot show all letters
 * @throws UserError when the place does not take it
 */
export async function exportExperiment(
  db: Readable,
  experiment: number,
  {
    format,
    file,
    labels,
  }: { readonly format: ExperimentFormat; readonly file: string; readonly labels: readonly Label[] },
): Promise<{ readonly bytes: number; readonly unset: readonly UnsetText[] }> {
  let bytes = 0
  const counted = function* (parts: Iterable<string>): Generator<string> {
    for (const part of parts) {
      bytes += Buffer.byteLength(part)
      yield part
    }
  }
  const parts =
    format === 'csv' ? csvLines(db, experiment, labels) : format === 'json' ? jsonParts(db, experiment) : undefined
  if (parts) {
    await writeOutput(file, counted(parts))
    return { bytes, unset: [] }
  }
  const figure = await figureOfExperiment(db, experiment, labels)
  const png = await figure.png()
  await writeOutput(file, png)
  return { bytes: png.length, unset: unsetLetters(figure.texts) }
}

const COLUMNS: readonly (readonly [
  name: string,
  value: (trial: Trial, labels: readonly Label[]) => string | number,
])[] = [
  ['model', ({ model }) => model],
  ['photograph', ({ file }) => file],
  ['image', ({ image }) => image],
  ['half', ({ reported }) => (reported ? 'reported on' : 'chosen on')],
  ['patch', ({ patchName }) => patchName],
  ['group', ({ group }) => group],
  ['size', ({ size }) => size],
  ['x', ({ x }) => x],
  ['y', ({ y }) => y],
  ...(['rotation', 'opacity', 'blend', 'mask', 'feather', 'aspect'] as const).map(
    name => [name, ({ composition }: Trial) => composition.patches[0]![name]] as const,
  ),
  ['winner_before', ({ winnerBefore }) => winnerBefore],
  ['winner', ({ winner }) => winner],
  ['winner_name', ({ winner }, labels) => distinctName(labels, winner)],
  ['winner_probability', ({ winnerProbability }) => winnerProbability],
  ['source_before', ({ sourceBefore }) => sourceBefore],
  ['source_after', ({ sourceProbability }) => sourceProbability],
  ['target_before', ({ targetBefore }) => targetBefore],
  ['target_after', ({ targetProbability }) => targetProbability],
  ['change_of_target_log_odds', ({ change }) => change],
  ['change_of_source_log_odds', ({ sourceChange }) => sourceChange],
]

function* csvLines(db: Readable, experiment: number, labels: readonly Label[]): Generator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`
  for (const trial of allTrials(db, experiment))
    yield `${COLUMNS.map(([, value]) => csvField(value(trial, labels))).join(',')}\r\n`
}

function* jsonParts(db: Readable, experiment: number): Generator<string> {
  const result = JSON.stringify(experimentResult(db, experiment))
  yield `${result.slice(0, -1)},"trials":[`
  let first = true
  for (const trial of allTrials(db, experiment)) {
    yield `${first ? '' : ','}\n${JSON.stringify(trial)}`
    first = false
  }
  yield ']}\n'
}

const [THUMBNAIL, POPULATIONS] = [
  96,
  {
    labelled: 'photographs labelled as the source class and classified so before',
    top5: 'photographs with the source class among the five strongest',
    top10: 'photographs with the source class among the ten strongest',
  },
] as const

/** The figure of an experiment: the models one below the other. */
export async function figureOfExperiment(db: Readable, id: number, labels: readonly Label[]): Promise<Figure> {
  const { experiment, models } = experimentResult(db, id)
  const [first, ...rest] = await Promise.all(models.map(result => modelFigure(db, experiment.plan, result, labels)))
  if (first === undefined)
    throw new UserError(`experiment ${id} has no results yet: export it when its population is determined`)
  for (const figure of rest) first.append(figure)
  return first
}

async function modelFigure(
  db: Readable,
  plan: ExperimentPlan,
  result: ModelResult,
  labels: readonly Label[],
): Promise<Figure> {
  const pictures = new Map<number, Uint8Array>()
  for (const { patch, group } of result.patches) {
    if (group !== 'real') continue
    const png = await decodeStored(patchPicture(db, patch)!, image =>
      image.resize(THUMBNAIL, THUMBNAIL, { fit: 'inside' }).png().toBuffer(),
    )
    pictures.set(patch, png)
  }
  const places = placesOf(plan.positions)
  const names = new Map(result.patches.map(({ patch, name }) => [patch, name]))
  return experimentFigure({
    title: `${distinctName(labels, plan.source)} → ${distinctName(labels, plan.target)}`,
    about: [
      `${result.modelName}; ${result.population} of ${result.considered} photographs: ${POPULATIONS[plan.population]}; ${result.correctBefore} correct before`,
      ...looksText(plan, patch => names.get(patch)!),
      `sizes ${plan.sizes.join(', ')} at ${places.length} ${places.length === 1 ? 'position' : 'positions'}; ${chosenText(result)}`,
    ],
    sizes: plan.sizes,
    places,
    result,
    pictures,
  })
}
