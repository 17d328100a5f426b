import type { AtlasParams } from '../../contract/build.ts'
import type { Inversion } from '../../contract/inversion.ts'
import { PRESETS } from '../../contract/presets.ts'
import { encodeWebp } from '../images/encode.ts'
import { type Icon as Inverted, Inverter } from '../inversion/invert.ts'
import { centringOf } from '../inversion/objective.ts'
import { type LayerStatistics, statisticsFor } from '../inversion/statistics.ts'
import type { Moment } from '../inversion/whitening.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { dependsOnSize } from '../model/free-size.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { cellsWithoutIcon, type PendingCell } from '../store/cells.ts'
import { type FailedIcon, failedIcons, type Icon, iconCounts, putIcons } from '../store/icons.ts'
import { contentKey } from '../store/keys.ts'
import type { Writable } from '../store/sql.ts'

interface IconOrder {
  readonly atlas: number
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly layer: Layer
  readonly params: Pick<AtlasParams, 'inversion' | 'preset' | 'seed'>
  /** What the icons' objective needs, and what it is made from: the moments of all samples of the layer. */
  readonly statistics: LayerStatistics
  readonly moment: Moment
}

/** All that an icon depends on except its direction: a part of its key. The statistics stand for the samples. */
export const iconContext = (
  classifier: Classifier,
  layer: Layer,
  params: Pick<AtlasParams, 'inversion' | 'seed'>,
  statistics: LayerStatistics,
): string =>
  contentKey({
    // 2: earlier versions computed what depends on an image's size for the model's own size, at the size of icons too.
    inversion: dependsOnSize(classifier, layer.tensor) ? 2 : 1,
    model: classifier.hash,
    preprocessing: JSON.stringify(classifier.preprocessing),
    layer: layer.tensor,
    params: JSON.stringify(params.inversion),
    seed: params.seed,
    whitening: (params.inversion.objective.whiten && statistics.whitening?.matrix) || null,
    ...(centringOf(params.inversion) > 0 && { mean: statistics.mean }),
  })

/** An icon as the project keeps it. @param webp its picture */
export const keptIcon = (
  key: string,
  icon: Inverted,
  made: {
    readonly preset: string
    readonly inversion: Inversion
    readonly seed: number
    /** A first look, whose place the real one takes. */
    readonly draft?: boolean
  },
  webp: Uint8Array,
): Icon => ({
  key,
  status: icon.status,
  attempts: icon.starts,
  size: icon.size,
  fidelity: icon.fidelity,
  robustFidelity: icon.robustFidelity,
  objective: Number.isFinite(icon.objective) ? icon.objective : null,
  preset: { name: made.preset, ...made.inversion, ...(made.draft && { draft: true }) },
  seed: made.seed,
  runtime: JSON.stringify(icon.runtime),
  batch: icon.batch,
  webp,
})

/** A first look: a draft of half as many pixels, and few steps. */
const LOOK = { pixels: 48, field: 0.8 } as const
const FIRST_LOOK: Inversion = {
  ...PRESETS.draft.inversion,
  size: LOOK,
  steps: 12,
  transforms: { ...PRESETS.draft.inversion.transforms, views: [{ until: 1, size: LOOK }] },
}

/**
 * Inverts all cells of an atlas that have no icon yet, in batches that are committed whole; where somebody watches,
 * first a quick look of each, and what is looked at first.
 * Icons do not depend on their company, so an interrupted run goes on with whatever is left.
 */
export async function makeIcons(db: Writable, order: IconOrder, work: StageWork): Promise<readonly FailedIcon[]> {
  const { atlas, layer, params, statistics, moment } = order
  const pending = distinct(cellsWithoutIcon(db, atlas))
  const { awaited: all } = iconCounts(db, atlas)
  if (pending.length < all) work.continues()
  if (work.attention !== undefined)
    await invertAll(
      db,
      order,
      pending.filter(cell => !cell.drafted),
      work,
      {
        inversion: FIRST_LOOK,
        statistics: statisticsFor(FIRST_LOOK, moment, 0),
        draft: true,
        progress: (done, of) =>
          work.report({ stage: `${layer.name}: first look`, done: Math.floor(done), total: of, unit: 'icons' }),
      },
    )
  await invertAll(db, order, pending, work, {
    inversion: params.inversion,
    statistics,
    draft: false,
    progress: done =>
      work.report({
        stage: `${layer.name}: icons`,
        done: all - pending.length + Math.floor(done),
        total: all,
        unit: 'icons',
      }),
  })
  return failedIcons(db, atlas)
}

interface Way {
  readonly inversion: Inversion
  readonly statistics: LayerStatistics
  readonly draft: boolean
  /** Told of finished icons; those of the batch under way grow together and count by their steps. */
  readonly progress: (done: number, of: number) => void
}

async function invertAll(
  db: Writable,
  { atlas, classifier, runtime, layer, params }: IconOrder,
  cells: readonly PendingCell[],
  work: StageWork,
  { inversion, statistics, draft, progress }: Way,
): Promise<void> {
  if (cells.length === 0) return progress(0, 0)
  const { steps, tries } = inversion
  const inverter = await Inverter.create(classifier, runtime, layer, inversion)
  const { batch } = inverter
  let left = [...cells]
  try {
    while (left.length > 0) {
      // Asked anew for every batch: the reader has moved on meanwhile.
      left = work.attention?.sorted(atlas, left) ?? left
      const part = left.slice(0, batch)
      const before = cells.length - left.length
      progress(before, cells.length)
      const directions = new Float32Array(part.length * layer.channels)
      for (const [row, cell] of part.entries()) directions.set(cell.direction, row * layer.channels)
      const icons = await inverter.invert(directions, {
        seed: params.seed,
        ...statistics,
        signal: work.signal,
        report: ({ done }) => progress(before + (part.length * done) / (steps * tries + 1), cells.length),
      })
      const webps = await Promise.all(icons.map(({ rgb, size }) => encodeWebp({ rgb, width: size, height: size })))
      const made = { preset: params.preset, inversion: inverter.inversion, seed: params.seed, draft }
      putIcons(
        db,
        icons.map((icon, row) => keptIcon(part[row]!.icon, icon, made, webps[row]!)),
      )
      left = left.slice(batch)
    }
  } finally {
    await inverter.release()
  }
  progress(cells.length, cells.length)
}

function distinct(cells: readonly PendingCell[]): PendingCell[] {
  return [...new Map(cells.map(cell => [cell.icon, cell])).values()]
}
