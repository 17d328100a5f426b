import { resolve } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { ExperimentPlan, looksText } from '../../../contract/experiment.ts'
import {
  chosenText,
  type Effect,
  type ExperimentResult,
  groupNames,
  type ModelResult,
  type Rate,
} from '../../../contract/experiment-result.ts'
import { OUTCOME } from '../../../contract/outcome.ts'
import { lookOf } from '../../../contract/placement.ts'
import type { UnsetText } from '../../figures/lettering.ts'
import { runJob } from '../../jobs/run.ts'
import { withJobLog } from '../../jobs/runtime-log.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName, findLabel } from '../../model/labels.ts'
import { loadClassifier } from '../../model/load.ts'
import { exportExperiment } from '../../patch/experiment/export.ts'
import { experimentResult } from '../../patch/experiment/results.ts'
import { enterExperiment, type Missed, PATCH_EXPERIMENT, runExperiment } from '../../patch/experiment/run.ts'
import { addPatch } from '../../patch/gallery.ts'
import { enterPhotographs } from '../../photographs/enter.ts'
import { rememberFolders } from '../../photographs/named.ts'
import { photographFolders, requireOutputs } from '../../photographs/outputs.ts'
import { openOrCreateProject } from '../../store/open.ts'
import { listFolders } from '../../store/photographs.ts'
import type { Writable } from '../../store/sql.ts'
import type { DefineCommand, Session } from '../command.ts'
import { requirePlan, trials, withTrials } from '../experiment-options.ts'
import { onRuntime, withInference, withThreads } from '../inference.ts'
import { asJson } from '../json.ts'
import { missedSentence } from '../missed.ts'
import { wholeNumber } from '../options.ts'
import { overControlsText } from '../over-controls.ts'
import { duration, estimated, grouped, percent, table } from '../text.ts'
import { noteUnset } from '../unset.ts'
import { queueOpener, queueOption, withWorkers } from '../workers.ts'

const Given = z.object({
  project: z.string(),
  model: z.array(z.string()).min(1),
  patch: z.array(z.string()).min(1),
  name: z.string().optional(),
  natural: wholeNumber(0, 50),
  noise: wholeNumber(0, 20),
  surroundings: z.boolean(),
  mean: z.boolean(),
  shuffled: wholeNumber(0, 32),
  csv: z.string().optional(),
  trials: z.string().optional(),
  png: z.string().optional(),
  queue: z.string().optional(),
  ...onRuntime,
  ...trials,
})

/** `portolan patch experiment PROJECT --model M --patch FILE… --source CLASS --target CLASS` */
export const definePatchExperiment: DefineCommand = (command, run) =>
  withThreads(withTrials(command))
    .description(
      'Pastes every patch on every photograph of a population, at every size and position, and repeats this with controls at the same photograph, size, position, mask and blend. The outcome is the change of the target’s log-odds (its logit less the log-sum-exp of all others); an effect is the paired difference to each control, the headline the smallest of them. Hiding the source is reported beside it. Every trial is stored in the project; a second run continues where the first stopped.',
    )
    .argument('<project>', 'project file')
    .requiredOption('--model <file...>', 'classifiers to compare')
    .requiredOption('--patch <file...>', 'pictures to paste')
    .option('--name <text>', 'name of the experiment')
    .option('--natural <n>', 'controls: regions of unrelated photographs of neither class, for each patch', '5')
    .option('--noise <n>', 'controls: noise with the spectrum and variance of each patch', '2')
    .option('--no-surroundings', 'without the control that fills in what is under the patch from its surroundings')
    .option('--no-mean', 'without the control of the mean colour of each patch')
    .option('--shuffled <n>', 'control of n × n blocks of each patch in random order; 0 for none', '0')
    .option('--csv <file>', 'write one line per trial')
    .option('--trials <file>', 'write plan, results and every trial as JSON')
    .option('--png <file>', 'write a summary figure')
    .addOption(
      queueOption('have the trials made by the workers (portolan worker) of a queue, a Redis or Valkey server'),
    )
    .action(
      run(Given, async (given, session) => {
        const outputs = [given.csv, given.trials, given.png]
        await requireOutputs(outputs, {
          models: given.model,
          project: given.project,
          files: given.patch,
          folders: given.images ?? [],
        })
        const classifiers = await Promise.all(given.model.map(loadClassifier))
        const { labels } = classifiers[0]!
        using db = openOrCreateProject(given.project, { command: 'portolan patch experiment' })
        await requireOutputs(outputs, { folders: photographFolders(db) })
        const { folders, unreadable: leftOut } = await foldersOf(db, given.images, session)
        const patches: number[] = []
        const refused: string[] = []
        for (const file of given.patch)
          try {
            patches.push((await addPatch(db, { kind: 'file', file: resolve(file) })).id)
          } catch (error) {
            if (!(error instanceof UserError) || given.patch.length === 1) throw error
            refused.push(error.message)
          }
        if (patches.length === 0) throw new UserError(refused.join('\n'))
        const [source, target] = [findLabel(labels, given.source), findLabel(labels, given.target)]
        const plan = requirePlan(ExperimentPlan, {
          name: given.name ?? nameOf(distinctName(labels, source.index), distinctName(labels, target.index)),
          models: classifiers.map(({ hash }) => hash),
          source: source.index,
          target: target.index,
          population: given.population,
          folders,
          patches,
          look: lookOf(given),
          sizes: [...given.sizes],
          positions: given.positions,
          controls: {
            ...{ noise: 0, mean: given.mean, shuffled: given.shuffled },
            ...{ spectrum: given.noise, surroundings: given.surroundings, natural: given.natural },
          },
          seed: given.seed,
          resamplings: given.resamplings,
        })
        const { id } = enterExperiment(db, plan, classifiers)
        // Awaited here: the project is open until then.
        return await withInference(given, async inference => {
          const runtime = await inference.runtimeFor(classifiers[0]!, session)
          const { seconds, result: run } = await runJob(
            db,
            PATCH_EXPERIMENT,
            { experiment: id },
            job =>
              withWorkers(queueOpener(given.queue, session), job, workers =>
                runExperiment(db, id, withJobLog(runtime, job), job, workers),
              ),
            session,
          )
          const result = experimentResult(db, id)
          const files = [
            ['csv', given.csv],
            ['json', given.trials],
            ['png', given.png],
          ] as const
          const unset: UnsetText[] = []
          for (const [format, file] of files)
            if (file !== undefined) unset.push(...(await exportExperiment(db, id, { format, file, labels })).unset)
          noteUnset(unset, session)
          const unreadable = [...leftOut, ...run.unreadable]
          return {
            json: asJson({ ...result, unreadable, refused, seconds, unsetLetters: unset }),
            text: () => resultText(result, labels, seconds),
            incomplete:
              [...refused, missedSentence(unreadable)].filter(line => line !== undefined).join('\n') || undefined,
          }
        })
      }),
    )

/**
 * Adds photographs to the project.
 * @returns the ids of their folders, null without `images`, and the files in them that could not be read
 * @throws UserError when no folder contains a photograph
 */
export async function foldersOf(
  db: Writable,
  images: readonly string[] | undefined,
  { signal, report }: Session,
): Promise<{ readonly folders: number[] | null; readonly unreadable: readonly Missed[] }> {
  if (!images) return { folders: null, unreadable: [] }
  rememberFolders(images)
  const { unreadable } = await enterPhotographs(db, images, { signal, report })
  const wanted = new Set(images.map(folder => resolve(folder)))
  const found = listFolders(db).flatMap(({ id, path }) => (path !== null && wanted.has(path) ? [id] : []))
  if (found.length === 0)
    throw new UserError(`no photographs in ${images.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`)
  return { folders: found, unreadable: unreadable.map(({ file, reason }) => ({ file, reason })) }
}

/** The default name of an experiment; the contract limits it to 120 characters. */
const nameOf = (source: string, target: string): string => `${source.slice(0, 56)} to ${target.slice(0, 56)}`

function resultText(
  { experiment, madeEarlier, models }: ExperimentResult,
  labels: readonly Label[],
  seconds: number,
): string {
  const { plan } = experiment
  const lines = models.flatMap(model => [
    `${distinctName(labels, plan.source)} → ${distinctName(labels, plan.target)}, ${model.modelName}: ${model.population} of ${grouped(model.considered)} photographs${model.illustration ? ' (an illustration: fewer than 20)' : ''}, ${model.correctBefore} correct before; ${chosenText(model)}`,
    ...looksText(plan, patch => model.patches.find(each => each.patch === patch)!.name).map(line => `  ${line}`),
    effects(model),
    ...model.differences.map(
      ({ control, static: fixed, dynamic }) =>
        `  minus ${groupNames[control]}: ${estimated(fixed.change)} static, ${estimated(dynamic.change)} dynamic`,
    ),
    ...model.patches.flatMap(({ name, overControls }) =>
      overControls === null ? [] : [`  ${name}: ${overControlsText(overControls)}`],
    ),
  ])
  if (madeEarlier !== null) lines.push(madeEarlier)
  return [...lines, `${grouped(experiment.done)} composed photographs, in ${duration(1000 * seconds)}`].join('\n')
}

function effects({ patches, groups }: ModelResult): string {
  const row = (name: string, fixed: Effect, dynamic: Effect): string[] => [
    `  ${name}`,
    rate(fixed.flipped),
    rate(dynamic.flipped),
    `${percent(dynamic.targetBefore)} → ${percent(dynamic.targetAfter.value)}`,
    estimated(fixed.change),
    estimated(fixed.sourceChange),
  ]
  return table([
    [
      '  patch',
      'flipped, static',
      'flipped, dynamic',
      'target, dynamic',
      `${OUTCOME}, static`,
      'change of source log-odds, static',
    ],
    ...patches
      .filter(({ group }) => group === 'real')
      .map(({ name, static: fixed, dynamic }) => row(name, fixed.effect, dynamic)),
    ...groups.map(({ group, patches: n, static: fixed, dynamic }) =>
      row(`${groupNames[group]} (${n})`, fixed, dynamic),
    ),
  ])
}

const rate = ({ count, of, share }: Rate): string =>
  of === 0
    ? 'no photograph'
    : `${percent(share.value)} (${count} of ${of}; ${(100 * share.low).toFixed(0)}–${(100 * share.high).toFixed(0)})`
