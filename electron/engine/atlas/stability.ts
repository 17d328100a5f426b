import { UserError } from '../../contract/errors.ts'
import { LayoutParams } from '../../contract/layout.ts'
import type { LayoutStability, StabilityJob } from '../../contract/stability.ts'
import type { JobContext, StageWork } from '../jobs/context.ts'
import { layout, layoutAligned } from '../layout/run.ts'
import { chanceOf, mapNeighbours, stabilityOf } from '../layout/stability.ts'
import { stored } from '../store/json.ts'
import { canonical, contentKey } from '../store/keys.ts'
import { findLayoutStability, layoutRepeat, putLayoutRepeat, putLayoutStability } from '../store/layout-stability.ts'
import { findLayout, type LayoutRecord, layoutPositions, listLayouts } from '../store/layouts.ts'
import { type SampleSet, sampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { subsetPositions } from '../store/subset-layouts.ts'
import { layoutKey, samplesOf } from './layout.ts'

/** The kind of a job that measures the stability of a layout; its parameters are a `StabilityJob`. */
export const ATLAS_STABILITY = 'atlas stability'

/** Fewer samples have no neighbourhoods to keep. */
const MIN_SAMPLES = 5
const SEEDS = 2 ** 32

/** A layout that is laid out again by other seeds. */
interface Repeated {
  readonly record: LayoutRecord
  readonly params: LayoutParams
  readonly set: SampleSet
}

/**
 * Lays the samples of a layout out by further seeds, and measures how far the result depends on the seed. Layers that were
 * aligned are laid out together again, and all of them are measured. The body of a job.
 * @throws UserError when the layout is not in the project, of a part of its samples, or of too few
 */
export async function measureStability(
  db: Writable,
  { layout: key, seeds: count }: StabilityJob,
  job: JobContext,
): Promise<LayoutStability> {
  const requested = repeatable(db, key)
  const together = madeTogether(db, requested)
  const seeds = Array.from({ length: count }, (_, s) => (requested.record.seed + s) % SEEDS)
  const name = together.length === 1 ? requested.record.layer : 'aligned layers'
  for (const seed of seeds.slice(1))
    await job.stage({
      name: `${name}: layout of seed ${seed}`,
      existing: () => together.every(({ record }) => layoutRepeat(db, record.id, seed)) || undefined,
      compute: work => layOutBy(db, together, seed, work),
    })
  for (const each of together) await compare(db, each, seeds, job)
  return findLayoutStability(db, requested.record.id, stabilityKey(db, requested, seeds))!
}

/** @throws UserError when the stability of a layout cannot be measured; call it before any other work */
export function repeatable(db: Readable, key: string): Repeated {
  const record = findLayout(db, key)
  if (record === undefined) throw new UserError(`this layout is no longer in ${db.file}; choose another atlas`)
  if (subsetPositions(db, record.id) !== undefined)
    throw new UserError(
      `the layout "${record.name}" is of a part of the samples: stability is measured of whole atlases, not of class atlases and comparisons; choose a whole atlas`,
    )
  if (record.n < MIN_SAMPLES)
    throw new UserError(
      `${record.n} samples are too few to measure how stable their layout is: at least ${MIN_SAMPLES} are needed; build an atlas of more samples`,
    )
  const params = stored(LayoutParams, record.params, 'the parameters of a layout')
  return { record, params, set: sampleSet(db, record.set)! }
}

/** The layouts of the layers that are laid out together with this one, in order; of one that is not aligned itself alone. */
function madeTogether(db: Readable, requested: Repeated): readonly Repeated[] {
  const { record, params, set } = requested
  if (params.aligned === undefined) return [requested]
  const others = listLayouts(db, set.id).filter(
    other =>
      other.seed === record.seed &&
      canonical(stored(LayoutParams, other.params, 'the parameters of a layout')) === canonical(params) &&
      subsetPositions(db, other.id) === undefined,
  )
  return params.aligned.map(tensor => {
    const found = others.find(other => other.tensor === tensor)
    if (found === undefined)
      throw new UserError(
        `cannot lay out "${record.layer}" again: it is aligned with the layer of the tensor "${tensor}", which has no such layout in ${db.file}; align the layers again with portolan atlas layout --align`,
      )
    return { record: found, params, set }
  })
}

async function layOutBy(
  db: Writable,
  together: readonly Repeated[],
  seed: number,
  { signal, report }: StageWork,
): Promise<true> {
  const { params, set } = together[0]!
  const views = together.map(({ record }) => ({
    name: record.layer,
    samples: samplesOf(db, set, record, { layout: params }),
  }))
  const results =
    params.aligned === undefined
      ? [
          await layout(views[0]!.samples, params, seed, signal, of =>
            report({ ...of, stage: `seed ${seed}: ${of.stage}` }),
          ),
        ]
      : await layoutAligned(views, params, seed, signal, of => report({ ...of, stage: `seed ${seed}: ${of.stage}` }))
  db.write(() => {
    for (const [v, { record }] of together.entries())
      putLayoutRepeat(db, record.id, seed, Float32Array.from(results[v]!.positions))
  })
  return true
}

async function compare(db: Writable, of: Repeated, seeds: readonly number[], job: JobContext): Promise<void> {
  const { id, layer, n } = of.record
  const key = stabilityKey(db, of, seeds)
  await job.stage({
    name: `${layer}: stability`,
    existing: () => findLayoutStability(db, id, key),
    compute: async ({ signal, report }) => {
      const maps = [layoutPositions(db, id), ...seeds.slice(1).map(seed => layoutRepeat(db, id, seed)!)]
      const { k, pairs, kept } = await stabilityOf(maps, signal, progress =>
        report({ ...progress, stage: `${layer}: ${progress.stage}` }),
      )
      const sum = kept.reduce((total, count) => total + count, 0)
      const result: LayoutStability = {
        seeds,
        k,
        kept: sum / (n * k * (seeds.length - 1)),
        chance: chanceOf(k, n),
        pairs: pairs.map(({ maps: [a, b], procrustes, shared }) => ({
          seeds: [seeds[a]!, seeds[b]!],
          procrustes,
          shared,
        })),
        earlier: isEarlier(of),
      }
      putLayoutStability(db, id, key, result, kept)
      return result
    },
  })
}

/** The layouts of other seeds follow from the key of the layout; its own positions may be of an earlier version. */
const stabilityKey = (db: Readable, { record }: Repeated, seeds: readonly number[]): string =>
  contentKey({
    stability: 1,
    layout: record.key,
    positions: layoutPositions(db, record.id),
    seeds,
    k: mapNeighbours(record.n),
  })

/**
 * An imported layout has a key of this version; until UMAP's epochs were stored another implementation made it. Only this one
 * aligns layers.
 */
const isEarlier = ({ record, params, set }: Repeated): boolean =>
  params.aligned === undefined &&
  ((params.method === 'umap' && params.epochs === undefined) ||
    layoutKey(set, record, { layout: record.params as LayoutParams, layoutSeed: record.seed }) !== record.key)
