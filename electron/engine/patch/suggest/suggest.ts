import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { fewPhotographs } from '../../../contract/experiment.ts'
import type { ControlGroup } from '../../../contract/experiment-result.ts'
import { MIN_PHOTOGRAPHS } from '../../../contract/inference.ts'
import { placesOf } from '../../../contract/placement.ts'
import {
  type Candidate,
  type Suggestion,
  SuggestionPlan,
  type SuggestionVerdict,
  TESTED,
} from '../../../contract/suggestion.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import type { JobContext } from '../../jobs/context.ts'
import type { Classifier } from '../../model/classifier.ts'
import { classifierKey, enterModel } from '../../registry/enter.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { detectableEffect, pairedMean, powerOf, standardError } from '../../statistics/intervals.ts'
import {
  type ExperimentModel,
  type ExperimentRecord,
  experimentModels,
  experimentPatches,
  findExperiment,
  finishExperiment,
  putExperiment,
  putExperimentPatches,
} from '../../store/experiments.ts'
import { stored } from '../../store/json.ts'
import { contentKey } from '../../store/keys.ts'
import type { Readable, Writable } from '../../store/sql.ts'
import { candidatesOf, type Found, type Candidate as Photograph } from '../experiment/population.ts'
import { Analysis, type Chosen } from '../experiment/result.ts'
import { designOf, trialTable } from '../experiment/results.ts'
import {
  classifierOf,
  type Missed,
  modelsOf,
  populationStage,
  requireExperiment,
  trialsStage,
} from '../experiment/run.ts'
import { loadPatches, noisePatches } from '../experiment/tried.ts'
import { naturalPatches, unrelatedPhotographs } from '../experiment/unrelated.ts'
import { keepPatch, pictureOfPatch, requirePatch } from '../gallery.ts'
import { meanControl, spectrumControl } from '../matched.ts'
import { CandidateNote, makeCandidates } from './candidates.ts'
import { separatingCells } from './separating.ts'

export const PATCH_SUGGEST = 'patch suggest'
export const SuggestJob = z.object({ suggestion: z.int().positive() })

/** Enters a suggestion, or finds the same one. @throws UserError when source and target are one class */
export function enterSuggestion(db: Writable, plan: SuggestionPlan, classifier: Classifier): ExperimentRecord {
  return db.write(() => {
    enterModel(db, classifier)
    return putExperiment(db, {
      key: contentKey({ suggestion: plan.natural === undefined ? 2 : 3, plan, classifier: classifierKey(classifier) }),
      kind: 'suggestion',
      plan,
      models: modelsOf(plan, [classifier]),
      now: Date.now(),
    })
  })
}

/**
 * Makes candidates and tries all of them, and the noise, on the whole population: the body of a job.
 * @returns the photographs that could not be read, to be tried on or to be cut candidates from
 * @throws UserError when of the population none can be read
 */
export async function runSuggestion(
  db: Writable,
  id: number,
  runtime: Runtime,
  job: JobContext,
): Promise<{ readonly unreadable: readonly Missed[] }> {
  const plan = stored(SuggestionPlan, requireExperiment(db, id).plan, `the plan of suggestion ${id}`)
  const [model] = experimentModels(db, id)
  const classifier = await classifierOf(db, model!)
  const trying = { classifier, runtime }
  const all = candidatesOf(db, plan.folders)
  const population = await populationStage(db, id, model!, trying, plan, all, job)
  const members = population.members.length
  if (members < 2 * MIN_PHOTOGRAPHS)
    job.log(
      'warning',
      `${members} photographs of the source class, half of which is held out: below ${2 * MIN_PHOTOGRAPHS} nothing is claimed; add photographs, or take those that have the class among more classes`,
    )
  const uncut = await job.stage({
    name: 'candidates',
    existing: () => (experimentPatches(db, id).length > 0 ? [] : undefined),
    compute: async () => {
      const cells = await separatingCells(db, { ...trying, source: model!.source, target: model!.target }, plan.cells)
      const { made, unusable } = await makeCandidates(db, classifier, cells, plan, all, population.members)
      const controls = await controlsOf(db, plan, model!, { classifier, all, population, candidates: made }, job)
      putExperimentPatches(db, id, [
        ...made.map(({ patch, ...note }) => ({ patch, group: 'real' as const, note })),
        ...controls,
      ])
      return unusable.map(({ file, reason }): Missed => ({ file, reason: `gives no candidate: ${reason}` }))
    },
  })
  for (const { file, reason } of uncut) job.log('warning', `${file}: ${reason}`)
  const patches = await loadPatches(db, id, plan)
  const { source, target } = model!
  const design = { patches, sizes: plan.sizes, places: placesOf(plan.positions), source, target }
  const unreadable = await trialsStage(db, id, model!, trying, design, population, job)
  finishExperiment(db, id, Date.now())
  return { unreadable: [...new Map([...uncut, ...unreadable].map(one => [one.file, one])).values()] }
}

interface ControlsOrder {
  readonly classifier: Classifier
  readonly all: readonly Photograph[]
  readonly population: Found
  readonly candidates: readonly { readonly patch: number }[]
}

/**
 * Creates the controls of the candidates, which are squares: the mean colour and noise of the spectrum of each; shared by
 * all, since they do not depend on the candidate, what is under it and regions of unrelated photographs.
 */
async function controlsOf(
  db: Writable,
  plan: SuggestionPlan,
  { source, target }: Pick<ExperimentModel, 'source' | 'target'>,
  { classifier, all, population: { members }, candidates }: ControlsOrder,
  job: JobContext,
): Promise<readonly { patch: number; group: ControlGroup; note: { of: number[] | null } }[]> {
  const controls: { patch: number; group: ControlGroup; note: { of: number[] | null } }[] = []
  const noise = await noisePatches(db, Array(plan.noise).fill(1), plan.seed)
  for (const patch of noise) controls.push({ patch, group: 'noise', note: { of: null } })
  if (plan.natural === undefined) return controls
  for (const [k, { patch }] of candidates.entries()) {
    const picture = await pictureOfPatch(db, patch)
    const { name } = requirePatch(db, patch)
    const keep = async (group: 'mean' | 'spectrum', made: TransparentPicture, called: string): Promise<void> => {
      const kind = group === 'mean' ? 'mean' : 'noise'
      const about = { name: `${name}: ${called}`, kind, origin: `control of ${name}`, gallery: false } as const
      controls.push({ patch: (await keepPatch(db, made, about)).id, group, note: { of: [k] } })
    }
    await keep('mean', meanControl(picture), 'mean colour')
    await keep('spectrum', spectrumControl(picture, plan.seed, 0), 'noise')
  }
  const first = candidates[0]!.patch
  controls.push({ patch: first, group: 'surroundings', note: { of: null } })
  const hashes = new Set(members.map(({ hash }) => hash))
  const unrelated = unrelatedPhotographs(db, [{ classifier, source, target }], all, hashes)
  const about = { count: plan.natural, seed: plan.seed, name: 'control' }
  const natural = await naturalPatches(db, unrelated, await pictureOfPatch(db, first), about)
  if (natural.length < plan.natural)
    job.log(
      'warning',
      `${natural.length} instead of ${plan.natural} regions of unrelated photographs: no other photograph is known to show neither class; add photographs`,
    )
  for (const patch of natural) controls.push({ patch, group: 'natural', note: { of: null } })
  return controls
}

/**
 * What there is of a suggestion: candidates by the lower bound of what they do above their controls on the half that they
 * are chosen by; when it is finished, the first of them on the other half.
 * @throws UserError when there is no such suggestion
 */
export function suggestionOf(db: Readable, id: number): Suggestion {
  const record = findExperiment(db, id)
  if (record?.kind !== 'suggestion') throw new UserError(`there is no suggestion ${id} in ${db.file}`)
  const plan = stored(SuggestionPlan, record.plan, `the plan of suggestion ${record.id}`)
  const [model] = experimentModels(db, id)
  const design = { ...designOf(db, id, plan), criterion: 'lower bound' as const }
  const { table, keys } = trialTable(db, id, model!, design)
  const analysis = new Analysis(table, keys, design)
  const notes = experimentPatches(db, id).map(({ note }) => CandidateNote.safeParse(note))
  const candidate = (chosen: Chosen): Candidate => ({
    patch: design.patches[chosen.patch]!.patch,
    name: design.patches[chosen.patch]!.name,
    ...(notes[chosen.patch]!.data ?? { kind: 'icon', origin: '' }),
    chosen: analysis.geometry(chosen),
    changeChosen: chosen.change,
    lowerBound: chosen.score,
  })
  const ranked = analysis.ranked()
  const reportedOn = analysis.halves.reportedOn.length
  return {
    id,
    plan,
    created: record.created,
    finished: record.finished,
    photographs: table.photographs,
    reportedOn,
    illustration: table.photographs < fewPhotographs,
    candidates: ranked.map(candidate),
    madeEarlier:
      plan.natural === undefined
        ? 'made by an earlier version, with uniform noise as the only control; read by the target’s log-odds'
        : null,
    verdict: record.finished === null || ranked.length === 0 ? null : verdictOf(analysis, ranked, candidate),
  }
}

/** The verdict of a suggestion. @param ranked best first */
export function verdictOf(
  analysis: Analysis,
  ranked: readonly Chosen[],
  candidate: (chosen: Chosen) => Candidate,
): SuggestionVerdict {
  const first = ranked.slice(0, TESTED)
  const n = analysis.halves.reportedOn.length
  // Below the minimum nothing is claimed: no effect is found, however large.
  const enough = n >= MIN_PHOTOGRAPHS
  // The standard error at n photographs, by the spread on the half that was chosen on.
  const errorAt = ({ patch }: Chosen): number | undefined => {
    const differences = analysis.smallestDifferences(patch, 'chosenOn')
    return differences.length < 2 || n === 0
      ? undefined
      : standardError(differences) * Math.sqrt(differences.length / n)
  }
  const tested = first.flatMap(chosen => {
    const overControls = analysis.overControls(chosen.patch, first.length)
    if (overControls === null) return []
    const error = errorAt(chosen)
    const effect = pairedMean(analysis.smallestDifferences(chosen.patch, 'chosenOn')).value
    return [
      {
        candidate: candidate(chosen),
        effect: analysis.staticEffect([{ column: chosen.patch, at: chosen.patch }]),
        overControls,
        power: error === undefined || !enough ? 0 : powerOf(effect, error, n, first.length),
      },
    ]
  })
  const error = first[0] && errorAt(first[0])
  return {
    outcome: !enough
      ? 'too few photographs'
      : tested.some(({ overControls }) => overControls.holds)
        ? 'holds'
        : 'none holds',
    tried: ranked.length,
    tested,
    photographs: n,
    minimum: MIN_PHOTOGRAPHS,
    detectable: error === undefined || !enough ? null : detectableEffect(error, n, first.length),
  }
}
