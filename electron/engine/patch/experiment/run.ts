import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { ExperimentPlan } from '../../../contract/experiment.ts'
import { placesOf } from '../../../contract/placement.ts'
import type { UnreadableImage } from '../../images/unreadable.ts'
import type { JobContext } from '../../jobs/context.ts'
import type { Classifier } from '../../model/classifier.ts'
import { sameClass } from '../../model/labels.ts'
import { noteUnreadable } from '../../photographs/read.ts'
import { classifierKey, enterModel } from '../../registry/enter.ts'
import { openClassifier } from '../../registry/open.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import {
  type ExperimentModel,
  type ExperimentRecord,
  experimentModels,
  experimentPatches,
  findExperiment,
  finishExperiment,
  putExperiment,
  putPopulation,
} from '../../store/experiments.ts'
import { stored } from '../../store/json.ts'
import { contentKey } from '../../store/keys.ts'
import { imagesByHash } from '../../store/photographs.ts'
import type { Readable, Writable } from '../../store/sql.ts'
import { appendTrials, reachedVariants } from '../../store/trials.ts'
import type { Workers } from '../../units/workers.ts'
import { frameClassifier } from '../classify.ts'
import { requirePatch } from '../gallery.ts'
import { type Candidate, candidatesOf, type Found, populationOf } from './population.ts'
import { type ExperimentDesign, experimentReadings, variantsOf } from './readings.ts'
import { readingsByWorkers } from './trial-units.ts'
import { enterPatches, loadPatches, methodVersion, planAsKept } from './tried.ts'
import { unrelatedPhotographs } from './unrelated.ts'
import { ALONE } from './variants.ts'

export const PATCH_EXPERIMENT = 'patch experiment'

/** What an experiment's job is run again from: everything else is stored with the experiment. */
export const ExperimentJob = z.object({ experiment: z.int().positive() })

/**
 * Enters an experiment, or finds the same one.
 * @param classifiers of the plan's models, in its order
 * @throws UserError when a patch is not there, source and target are one class, or a model lacks a class
 */
export function enterExperiment(
  db: Writable,
  given: ExperimentPlan,
  classifiers: readonly Classifier[],
): ExperimentRecord {
  const plan = planAsKept(given)
  for (const patch of plan.patches) requirePatch(db, patch)
  return db.write(() => {
    for (const classifier of classifiers) enterModel(db, classifier)
    return putExperiment(db, {
      key: contentKey({ experiment: methodVersion(plan), plan, classifiers: classifiers.map(classifierKey) }),
      kind: 'experiment',
      plan,
      models: modelsOf(plan, classifiers),
      now: Date.now(),
    })
  })
}

/** The two classes in each model: by synset where they have one, else by name. */
export function modelsOf(
  { source, target }: { readonly source: number; readonly target: number },
  classifiers: readonly Classifier[],
): { readonly model: string; readonly classifier: string; readonly source: number; readonly target: number }[] {
  if (source === target) throw new UserError('source and target are the same class: choose a different target class')
  const [first] = classifiers
  const indexIn = (classifier: Classifier, index: number): number => {
    const label = first!.labels[index]
    if (!label) throw new UserError(`${first!.name} has no class ${index}: it has ${first!.labels.length}`)
    return classifier === first ? index : sameClass(classifier.labels, label, classifier.name).index
  }
  return classifiers.map(classifier => ({
    model: classifier.hash,
    classifier: classifierKey(classifier),
    source: indexIn(classifier, source),
    target: indexIn(classifier, target),
  }))
}

/** What the trials of a model are made with. */
export interface Trying {
  readonly classifier: Classifier
  readonly runtime: Runtime
  /** Who makes the trials; this process by default. */
  readonly workers?: Workers | undefined
}

/** A photograph of an experiment that could not be used, and why. */
export interface Missed {
  readonly file: string
  readonly reason: string
}

/**
 * Runs an experiment, or goes on with it: the body of a job.
 * @returns the photographs that could not be read; those of its trials that are there already are not read again
 * @throws UserError when of a population none can be read
 */
export async function runExperiment(
  db: Writable,
  id: number,
  runtime: Runtime,
  job: JobContext,
  workers?: Workers,
): Promise<{ readonly unreadable: readonly Missed[] }> {
  const record = requireExperiment(db, id)
  const plan = stored(ExperimentPlan, record.plan, `the plan of experiment ${record.id}`)
  const candidates = candidatesOf(db, plan.folders)
  const unreadable = new Map<string, Missed>()
  const columns: { model: ExperimentModel; classifier: Classifier; population: Found }[] = []
  for (const model of experimentModels(db, id)) {
    const classifier = await classifierOf(db, model)
    const population = await populationStage(db, id, model, { classifier, runtime }, plan, candidates, job)
    columns.push({ model, classifier, population })
  }
  if (experimentPatches(db, id).length === 0)
    await job.stage({
      name: 'controls',
      existing: () => undefined,
      compute: async () => {
        const members = new Set(columns.flatMap(({ population }) => population.members.map(({ hash }) => hash)))
        const pairs = columns.map(({ model, classifier }) => ({ ...model, classifier }))
        const unrelated = unrelatedPhotographs(db, pairs, candidates, members)
        const wanted = plan.controls.natural ?? 0
        if (unrelated.length < wanted)
          job.log(
            'warning',
            `${unrelated.length} instead of ${wanted} regions of unrelated photographs: no other photograph is known to show neither class; add photographs`,
          )
        await enterPatches(db, id, plan, unrelated)
      },
    })
  const patches = await loadPatches(db, id, plan)
  for (const { model, classifier, population } of columns) {
    const { source, target } = model
    const design = { patches, sizes: plan.sizes, places: placesOf(plan.positions), source, target }
    const missed = await trialsStage(db, id, model, { classifier, runtime, workers }, design, population, job)
    for (const one of missed) unreadable.set(one.file, one)
  }
  finishExperiment(db, id, Date.now())
  return { unreadable: [...unreadable.values()] }
}

/** @throws UserError when there is no such experiment */
export function requireExperiment(db: Writable, id: number): ExperimentRecord {
  const record = findExperiment(db, id)
  if (!record) throw new UserError(`there is no experiment ${id} in ${db.file}: it was removed`)
  return record
}

/**
 * The classifier that an experiment or a sweep was begun with.
 * @throws UserError when the model's file has gone or is another one now, or an earlier version began it
 */
export async function classifierOf(db: Readable, { classifier }: { classifier: string | null }): Promise<Classifier> {
  if (classifier !== null) return openClassifier(db, classifier)
  throw new UserError(
    'an earlier version began this and did not record with which logits; what is there can be read, but not continued: start it again',
  )
}

/** @throws UserError when no photograph belongs to the population */
export async function populationStage(
  db: Writable,
  id: number,
  { ordinal, source }: ExperimentModel,
  trying: Trying,
  { population }: Pick<ExperimentPlan, 'population'>,
  candidates: readonly Candidate[],
  job: JobContext,
): Promise<Found> {
  const { name } = trying.classifier
  return job.stage({
    name: `${name}: population`,
    existing: () => undefined,
    compute: async work => {
      const found = await populationOf(db, trying, { population, source }, candidates, work)
      for (const { file, reason } of found.unreadable) job.log('warning', `${file}: ${reason}`)
      putPopulation(db, id, ordinal, {
        considered: found.considered,
        unreadable: found.unreadable.length,
        population: found.members.length,
      })
      if (found.members.length === 0)
        throw new UserError(
          found.unreadable.length > 0
            ? `${found.none}, and ${noneReadable(found.unreadable)}`
            : `${found.none}: add photographs, or choose another population or class`,
        )
      return found
    },
  })
}

/** @param missed not empty */
const noneReadable = (missed: readonly Missed[]): string =>
  `${missed.length} ${missed.length === 1 ? 'photograph' : 'photographs'} could not be read (${missed
    .slice(0, 3)
    .map(({ file, reason }) => `${file}: ${reason}`)
    .join('; ')}${missed.length > 3 ? '; …' : ''}): see that their folder is there, and run it again`

/**
 * Tries every patch on every photograph, from where an earlier run has stopped.
 * @returns all photographs of the population and beyond that could not be read
 * @throws UserError when there is no photograph with trials in the end
 */
export async function trialsStage(
  db: Writable,
  id: number,
  { ordinal }: ExperimentModel,
  { classifier, runtime, workers }: Trying,
  design: ExperimentDesign,
  { members, unreadable, considered }: Found,
  job: JobContext,
): Promise<readonly Missed[]> {
  const column = { experiment: id, model: ordinal }
  const each = variantsOf(design)
  const reached = reachedVariants(db, column)
  const left = members
    .map(({ image, ...source }) => {
      // Its trials may be stored under another path of the same bytes.
      const known = imagesByHash(db, source.hash).find(copy => reached.has(copy.id))?.id ?? image
      return { ...source, image: known, next: reached.get(known) ?? ALONE }
    })
    .filter(({ next }) => next < each)
  const missed = new Map(unreadable.map(one => [one.file, one]))
  const stage = `${classifier.name}: trials`
  await job.stage({
    name: stage,
    existing: () => (left.length === 0 ? true : undefined),
    compute: async ({ signal, report, continues }) => {
      const total = members.length * (each + 1)
      let done = total - left.reduce((sum, { next }) => sum + each - next, 0)
      if (done > 0) continues()
      const net = workers === undefined ? await frameClassifier(classifier, runtime) : undefined
      try {
        report({ stage, done, total, unit: 'compositions' })
        const refused = (_: unknown, error: UnreadableImage) => {
          const { file, reason } = error
          missed.set(file, { file, reason })
          noteUnreadable(db, error)
          job.log('warning', `${file}: ${reason}`)
        }
        const made =
          net !== undefined
            ? experimentReadings(net, design, left, { signal, unreadable: refused })
            : readingsByWorkers(workers!, { classifier, design, subjects: left, signal, unreadable: refused })
        for await (const readings of made) {
          appendTrials(db, column, readings)
          done += readings.length
          report({ stage, done, total, unit: 'compositions' })
        }
      } finally {
        await net?.release()
      }
      return true
    },
  })
  const list = [...missed.values()]
  putPopulation(db, id, ordinal, { considered, unreadable: list.length, population: members.length })
  if (list.length > 0 && ![...reachedVariants(db, column).values()].includes(each))
    throw new UserError(`no photograph of ${classifier.name}'s population could be tried: ${noneReadable(list)}`)
  return list
}
