import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { fewPhotographs } from '../../../contract/experiment.ts'
import { placesOf } from '../../../contract/placement.ts'
import { type Candidate, type Suggestion, SuggestionPlan } from '../../../contract/suggestion.ts'
import type { JobContext } from '../../jobs/context.ts'
import type { Classifier } from '../../model/classifier.ts'
import { classifierKey, enterModel } from '../../registry/enter.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import {
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
import { candidatesOf } from '../experiment/population.ts'
import { Analysis } from '../experiment/result.ts'
import { designOf, trialTable } from '../experiment/results.ts'
import {
  classifierOf,
  type Missed,
  modelsOf,
  populationStage,
  requireExperiment,
  trialsStage,
} from '../experiment/run.ts'
import type { Chosen } from '../experiment/trial-table.ts'
import { loadPatches, noisePatches } from '../experiment/tried.ts'
import { CandidateNote, makeCandidates } from './candidates.ts'
import { separatingCells } from './separating.ts'

export const PATCH_SUGGEST = 'patch suggest'
export const SuggestJob = z.object({ suggestion: z.int().positive() })

/** Enters a suggestion, or finds the same one. @throws UserError when source and target are one class */
export function enterSuggestion(db: Writable, plan: SuggestionPlan, classifier: Classifier): ExperimentRecord {
  return db.write(() => {
    enterModel(db, classifier)
    return putExperiment(db, {
      key: contentKey({ suggestion: 2, plan, classifier: classifierKey(classifier) }),
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
  const uncut = await job.stage({
    name: 'candidates',
    existing: () => (experimentPatches(db, id).length > 0 ? [] : undefined),
    compute: async () => {
      const cells = await separatingCells(db, { ...trying, source: model!.source, target: model!.target }, plan.cells)
      const { made, unusable } = await makeCandidates(db, classifier, cells, plan, all, population.members)
      const noise = await noisePatches(db, Array(plan.noise).fill(1), plan.seed)
      putExperimentPatches(db, id, [
        ...made.map(({ patch, ...note }) => ({ patch, group: 'real' as const, note })),
        ...noise.map(patch => ({ patch, group: 'noise' as const, note: null })),
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

/**
 * What there is of a suggestion: candidates by what they do on the half that they are chosen by; when it is finished,
 * the best of them on the other half, against the best of the noise there.
 * @throws UserError when there is no such suggestion
 */
export function suggestionOf(db: Readable, id: number): Suggestion {
  const record = findExperiment(db, id)
  if (record?.kind !== 'suggestion') throw new UserError(`there is no suggestion ${id} in ${db.file}`)
  const plan = stored(SuggestionPlan, record.plan, `the plan of suggestion ${record.id}`)
  const [model] = experimentModels(db, id)
  const design = { ...designOf(db, id, plan), criterion: 'change' as const }
  const { table, keys } = trialTable(db, id, model!, design)
  const analysis = new Analysis(table, keys, design)
  const notes = experimentPatches(db, id).map(({ note }) => CandidateNote.safeParse(note))
  const candidate = (chosen: Chosen): Candidate => ({
    patch: design.patches[chosen.patch]!.patch,
    name: design.patches[chosen.patch]!.name,
    ...(notes[chosen.patch]!.data ?? { kind: 'icon', origin: '' }),
    chosen: analysis.geometry(chosen),
    changeChosen: chosen.change,
  })
  const ranked = analysis.chosen
    .filter(chosen => chosen !== undefined)
    .filter(({ patch }) => design.patches[patch]!.group === 'real')
    .sort((a, b) => b.change - a.change)
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
    verdict:
      record.finished === null || reportedOn === 0 ? null : verdictOf(analysis, ranked, candidate, design.patches),
  }
}

function verdictOf(
  analysis: Analysis,
  ranked: readonly Chosen[],
  candidate: (chosen: Chosen) => Candidate,
  patches: readonly { readonly patch: number }[],
): Suggestion['verdict'] {
  const best = ranked[0]
  const control = analysis.bestOf('noise')
  if (!best || !control) return null
  const tried = ranked.length
  const ours = analysis.changes([best.patch])
  const theirs = analysis.changes([control.patch])
  const change = analysis.corrected(ours, tried)
  const bestControl = {
    patch: patches[control.patch]!.patch,
    chosen: analysis.geometry(control),
    effect: analysis.staticEffect([control.patch]),
    change: analysis.corrected(theirs, tried),
  }
  return {
    best: candidate(best),
    effect: analysis.staticEffect([best.patch]),
    change,
    bestControl,
    difference: analysis.corrected(
      ours.map((value, k) => value - theirs[k]!),
      tried,
    ),
    holds: change.low > bestControl.change.value,
    tried,
  }
}
