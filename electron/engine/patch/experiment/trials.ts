import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { ExperimentPlan } from '../../../contract/experiment.ts'
import type { Trial, TrialQuery, Trials } from '../../../contract/experiment-result.ts'
import { logOdds } from '../../../contract/outcome.ts'
import { placementAt } from '../../../contract/placement.ts'
import { SuggestionPlan } from '../../../contract/suggestion.ts'
import { photographName } from '../../photographs/read.ts'
import { type ExperimentModel, experimentModels, findExperiment } from '../../store/experiments.ts'
import { stored } from '../../store/json.ts'
import { findModel } from '../../store/models.ts'
import { findImage } from '../../store/photographs.ts'
import type { Readable } from '../../store/sql.ts'
import { findTrials, type TrialRow, trialsOfImage } from '../../store/trials.ts'
import { Analysis } from './result.ts'
import { designOf, trialTable } from './results.ts'
import { fillOf } from './tried.ts'
import { variantAt, variantsOfPatch } from './variants.ts'

/** Trials of an experiment or a suggestion, a page of them. @throws UserError when there is no such experiment */
export function trialsOf(db: Readable, query: TrialQuery): Trials {
  const view = new TrialView(db, query.experiment)
  const models = experimentModels(db, query.experiment)
  const model = models.find(each => each.model === query.model)
  const ordinal = view.design.patches.findIndex(({ patch }) => patch === query.patch)
  const variants =
    query.patch === null
      ? { from: 0, below: Number.MAX_SAFE_INTEGER }
      : ordinal < 0
        ? { from: 0, below: 0 }
        : variantsOfPatch(view.design, ordinal)
  const filter = {
    experiment: query.experiment,
    model: query.model === null ? null : (model?.ordinal ?? -1),
    image: query.image,
    ...variants,
    flipped: Number(query.flipped),
  }
  const { total, rows } = findTrials(db, filter, query.order, query.offset, query.limit)
  return { total, trials: rows.map(row => view.trial(row.model, row)) }
}

/** Every trial of an experiment, photograph by photograph, model by model. */
export function* allTrials(db: Readable, experiment: number): Generator<Trial> {
  const view = new TrialView(db, experiment)
  for (const { ordinal } of experimentModels(db, experiment))
    for (const image of view.imagesOf(ordinal))
      for (const row of trialsOfImage(db, { experiment, model: ordinal }, image))
        if (row.variant >= 0) yield view.trial(ordinal, row)
}

/** Converts stored rows to trials with names, placement and composition. */
class TrialView {
  readonly design: ReturnType<typeof designOf>
  readonly #db: Readable
  readonly #experiment: number
  readonly #models: readonly ExperimentModel[]
  readonly #before = new Map<string, TrialRow>()
  readonly #images = new Map<string, { readonly file: string; readonly width: number; readonly height: number }>()
  readonly #reported = new Map<number, { readonly images: readonly number[]; readonly reported: ReadonlySet<number> }>()

  constructor(db: Readable, experiment: number) {
    const record = findExperiment(db, experiment)
    if (!record) throw new UserError(`there is no experiment ${experiment} in ${db.file}`)
    const plan = stored(
      record.kind === 'experiment' ? ExperimentPlan : SuggestionPlan,
      record.plan,
      `the plan of ${record.kind} ${record.id}`,
    )
    this.#db = db
    this.#experiment = experiment
    this.design = designOf(db, experiment, plan)
    this.#models = experimentModels(db, experiment)
  }

  /** Photographs of a model with all their trials stored. */
  imagesOf(ordinal: number): readonly number[] {
    return this.#halves(ordinal).images
  }

  trial(ordinal: number, row: TrialRow): Trial {
    const { sizes, places, patches } = this.design
    const variant = variantAt(this.design, row.variant)
    const { patch, name, group, look, record } = patches[variant.patch]!
    const size = sizes[variant.size]!
    const place = places[variant.position]!
    const { model } = this.#models[ordinal]!
    const before = this.#baseline(ordinal, row.image)
    const { file, ...seen } = this.#photograph(model, row.image)
    const placement = { ...placementAt({ patch, look, size, place }, record, seen), ...fillOf(group) }
    return {
      model,
      image: row.image,
      file,
      patch,
      patchName: name,
      group,
      size,
      position: variant.position,
      ...place,
      winnerBefore: before.winner,
      winner: row.winner,
      winnerProbability: row.winnerProbability,
      sourceProbability: row.sourceProbability,
      targetProbability: row.targetProbability,
      sourceBefore: before.sourceProbability,
      targetBefore: before.targetProbability,
      change: logOdds(row.targetProbability) - logOdds(before.targetProbability),
      sourceChange: logOdds(row.sourceProbability) - logOdds(before.sourceProbability),
      reported: this.#halves(ordinal).reported.has(row.image),
      composition: { image: row.image, patches: [placement] },
    }
  }

  #photograph(model: string, image: number) {
    const key = `${model} ${image}`
    const known = this.#images.get(key)
    if (known) return known
    const file = photographName(this.#db, image)
    const made = { file, ...seenOf(this.#db, model, image) }
    this.#images.set(key, made)
    return made
  }

  #baseline(model: number, image: number): TrialRow {
    const key = `${model} ${image}`
    const known = this.#before.get(key)
    if (known) return known
    const [before] = trialsOfImage(this.#db, { experiment: this.#experiment, model }, image)
    this.#before.set(key, before!)
    return before!
  }

  #halves(ordinal: number) {
    const known = this.#reported.get(ordinal)
    if (known) return known
    const model = this.#models[ordinal]!
    const { table, keys, images } = trialTable(this.#db, this.#experiment, model, this.design)
    const { halves } = new Analysis(table, keys, { ...this.design, resamplings: 1 })
    const made = { images, reported: new Set(halves.reportedOn.map(k => images[k]!)) }
    this.#reported.set(ordinal, made)
    return made
  }
}

const Input = z.object({ input: z.object({ resize: z.enum(['stretch', 'crop']).default('stretch') }) })

/** How many pixels of a photograph a model sees across and down: what proportions `photograph` are kept in. */
function seenOf(db: Readable, model: string, image: number): { readonly width: number; readonly height: number } {
  const found = findImage(db, image)
  const { width, height } = found?.status === 'ok' ? found : { width: 1, height: 1 }
  const sidecar = Input.safeParse(findModel(db, model)?.sidecar)
  const edge = Math.min(width, height)
  return sidecar.success && sidecar.data.input.resize === 'crop' ? { width: edge, height: edge } : { width, height }
}
