import { UserError } from '../../../contract/errors.ts'
import { ExperimentPlan, type ExperimentSummary } from '../../../contract/experiment.ts'
import type { ExperimentResult, ModelResult } from '../../../contract/experiment-result.ts'
import { logOdds } from '../../../contract/outcome.ts'
import type { PatchRecord } from '../../../contract/patch.ts'
import { type PatchLook, placesOf } from '../../../contract/placement.ts'
import type { SuggestionPlan } from '../../../contract/suggestion.ts'
import { identityOf } from '../../photographs/read.ts'
import {
  type ExperimentModel,
  type ExperimentRecord,
  experimentModels,
  experimentPatches,
  findExperiment,
} from '../../store/experiments.ts'
import { stored } from '../../store/json.ts'
import { findModel } from '../../store/models.ts'
import { findImage, imagesByHash } from '../../store/photographs.ts'
import type { Readable } from '../../store/sql.ts'
import { countTrials, reachedVariants, trialsOfImage } from '../../store/trials.ts'
import { patchNames, requirePatch } from '../gallery.ts'
import { type Design, resultsOf, type TriedPatch } from './result.ts'
import { columns, type TrialTable } from './trial-table.ts'
import { ControlNote, isMatched, looksOf, triedBy } from './tried.ts'
import { type Axes, geometriesOf, trialOf, variantCount } from './variants.ts'

/** Resamplings of an experiment that is not finished. */
const PREVIEW = 400

/** How far an experiment has come. */
export function summaryOf(db: Readable, record: ExperimentRecord): ExperimentSummary {
  const plan = stored(ExperimentPlan, record.plan, `the plan of experiment ${record.id}`)
  const models = experimentModels(db, record.id)
  const axes = { sizes: plan.sizes, places: placesOf(plan.positions) }
  const each = variantCount(axes, experimentPatches(db, record.id).length)
  const known = models.every(({ population }) => population !== null)
  return {
    id: record.id,
    plan,
    created: record.created,
    finished: record.finished,
    done: countTrials(db, record.id),
    total: known ? models.reduce((sum, { population }) => sum + (population ?? 0) * each, 0) : 0,
  }
}

/** @throws UserError when there is no such experiment */
export function experimentResult(db: Readable, id: number): ExperimentResult {
  const record = findExperiment(db, id)
  if (record?.kind !== 'experiment') throw new UserError(`there is no experiment ${id} in ${db.file}`)
  const experiment = summaryOf(db, record)
  const { plan } = experiment
  const design = designOf(db, id, plan)
  // Requested repeatedly while the experiment runs: fewer resamplings.
  const resamplings = experiment.finished === null ? Math.min(plan.resamplings, PREVIEW) : plan.resamplings
  return {
    experiment,
    madeEarlier: isMatched(plan)
      ? null
      : 'made by an earlier version, whose controls are not matched to their patches; read by the target’s log-odds',
    models: experimentModels(db, id).map(model => modelResult(db, id, model, { ...design, resamplings })),
  }
}

/** What the trials of an experiment or a suggestion are numbered by, with what each patch looks like. */
export function designOf(
  db: Readable,
  id: number,
  plan: ExperimentPlan | SuggestionPlan,
): Design & {
  readonly patches: readonly (TriedPatch & { readonly record: PatchRecord; readonly look: PatchLook })[]
} {
  const { sizes, positions, seed, resamplings } = plan
  const entered = experimentPatches(db, id)
  const records = entered.map(({ patch }) => requirePatch(db, patch))
  const looks = looksOf(plan, entered)
  const once = [...new Map(records.map(record => [record.id, record])).values()]
  const names = new Map(patchNames(once).map((name, k) => [once[k]!.id, name]))
  const real = entered.flatMap(({ group }, k) => (group === 'real' ? [k] : []))
  const ofPlan = 'patches' in plan && !isMatched(plan) ? triedBy(plan) : undefined
  const patches = entered.map(({ patch, group, note }, k) => ({
    patch,
    name: group === 'surroundings' ? `${names.get(patch)!}: its surroundings` : names.get(patch)!,
    group,
    // Uniform noise is of no patch in particular.
    of:
      group === 'real'
        ? []
        : group === 'noise'
          ? real
          : (ControlNote.safeParse(note).data?.of ?? ofPlan?.[k]?.of ?? real),
    ...{ record: records[k]!, look: looks[k]! },
  }))
  return { patches, sizes, places: placesOf(positions), seed, resamplings }
}

function modelResult(db: Readable, id: number, model: ExperimentModel, design: Design): ModelResult {
  const { table, keys } = trialTable(db, id, model, design)
  return {
    model: model.model,
    modelName: findModel(db, model.model)?.name ?? model.model.slice(0, 12),
    considered: model.considered ?? 0,
    unreadable: model.unreadable ?? 0,
    members: model.population ?? 0,
    ...resultsOf(table, keys, design),
  }
}

/**
 * The trials of one model in columns: of photographs that are finished, and lie where they were tried.
 * @returns with the hashes of their files
 */
export function trialTable(
  db: Readable,
  experiment: number,
  { ordinal, source, target }: ExperimentModel,
  { patches, ...axes }: Axes & Pick<Design, 'patches'>,
): { readonly table: TrialTable; readonly keys: readonly string[]; readonly images: readonly number[] } {
  const geometries = geometriesOf(axes)
  const each = variantCount(axes, patches.length)
  const column = { experiment, model: ordinal }
  const hashes = new Map<string, number>()
  for (const [image, reached] of [...reachedVariants(db, column)].sort(([a], [b]) => a - b)) {
    if (reached !== each) continue
    const key = identityOf(findImage(db, image)!)
    // A photograph that was tried under two of its places is one; one that was replaced is of the population no longer.
    if (!hashes.has(key) && imagesByHash(db, key).some(({ current }) => current)) hashes.set(key, image)
  }
  const images = [...hashes.values()]
  const n = images.length
  const table = {
    source,
    target,
    photographs: n,
    patches: patches.length,
    geometries,
    before: columns(n),
    after: columns(n * each),
  }
  for (const [photograph, image] of images.entries())
    for (const { variant, winner, sourceProbability, targetProbability } of trialsOfImage(db, column, image)) {
      const [into, at] = variant < 0 ? [table.before, photograph] : [table.after, trialOf(table, photograph, variant)]
      into.winner[at] = winner
      into.source[at] = sourceProbability
      into.target[at] = targetProbability
      into.targetOdds[at] = logOdds(targetProbability)
      into.sourceOdds[at] = logOdds(sourceProbability)
    }
  return { table, keys: [...hashes.keys()], images }
}
