import type { AtlasParams } from '../../contract/build.ts'
import type { Inversion } from '../../contract/inversion.ts'
import { PRESETS } from '../../contract/presets.ts'
import type { InversionResult } from '../inversion/invert.ts'
import { centringOf } from '../inversion/objective.ts'
import { type LayerStatistics, statisticsFor } from '../inversion/statistics.ts'
import type { Moment } from '../inversion/whitening.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { dependsOnSize } from '../model/free-size.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { atlasWithId } from '../store/atlases.ts'
import { cellsWithoutIcon, type PendingCell } from '../store/cells.ts'
import { type FailedIcon, failedIcons, type Icon, iconCounts, putIcons } from '../store/icons.ts'
import { contentKey } from '../store/keys.ts'
import type { Writable } from '../store/sql.ts'
import { WritesTogether } from '../store/together.ts'
import { iconMaker, iconsByWorkers } from '../units/icons.ts'
import { sideBySide, type Workers } from '../units/workers.ts'
import { type CellStarts, cellStarts } from './starts.ts'

interface IconOrder {
  readonly atlas: number
  readonly classifier: Classifier
  readonly runtime: Runtime
  /** Who makes the icons; this process by default. */
  readonly workers?: Workers | undefined
  readonly layer: Layer
  readonly params: Pick<AtlasParams, 'inversion' | 'preset' | 'seed'>
  /** The statistics of the objective, and the moments of all samples of the layer that they are computed from. */
  readonly statistics: LayerStatistics
  readonly moment: Moment
}

/** Key of everything that an icon depends on except its direction. The statistics represent the samples. */
export const iconContext = (
  classifier: Classifier,
  layer: Layer,
  params: Pick<AtlasParams, 'inversion' | 'seed'>,
  statistics: LayerStatistics,
): string =>
  contentKey({
    // 2: earlier versions used constants of the model's input size at the size of icons too.
    inversion: dependsOnSize(classifier, layer.tensor) ? 2 : 1,
    model: classifier.hash,
    preprocessing: JSON.stringify(classifier.preprocessing),
    layer: layer.tensor,
    params: JSON.stringify(params.inversion),
    seed: params.seed,
    whitening: (params.inversion.objective.whiten && statistics.whitening?.matrix) || null,
    ...(centringOf(params.inversion) > 0 && { mean: statistics.mean }),
  })

/** An icon as stored in the project. @param webp its picture */
export const storedIcon = (
  key: string,
  icon: Omit<InversionResult, 'rgb'>,
  inverted: {
    readonly preset: string
    readonly inversion: Inversion
    readonly seed: number
    /** A draft, which the finished icon replaces. */
    readonly draft?: boolean
    /** Crops that it started from, where the inversion starts from photographs; 0: from noise, for too few photographs. */
    readonly crops?: number | undefined
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
  preset: presetOf(inverted),
  seed: inverted.seed,
  runtime: JSON.stringify(icon.runtime),
  batch: icon.batch,
  activation: icon.status === 'non-finite' ? null : icon.activation,
  webp,
})

function presetOf({ preset, inversion, draft, crops }: Parameters<typeof storedIcon>[2]): Icon['preset'] {
  const { start, ...others } = inversion
  const started =
    start &&
    (crops
      ? { start, startedFromCrops: crops }
      : { startedFromNoise: `fewer than ${start.minimum} photographs behind the cell` })
  return { name: preset, ...others, ...started, ...(draft && { draft: true }) }
}

/** A draft: half the edge, and few steps. */
const LOOK = { pixels: 48, field: 0.8 } as const
const FIRST_LOOK: Inversion = {
  ...PRESETS.draft.inversion,
  size: LOOK,
  steps: 12,
  transforms: { ...PRESETS.draft.inversion.transforms, views: [{ until: 1, size: LOOK }] },
}

/**
 * Inverts all cells of an atlas that have no icon yet, each batch in one transaction, with others that are ready; with an open window, first drafts,
 * and visible cells first. Each icon is independent of its batch, so an interrupted run continues with the cells left.
 */
export async function makeIcons(db: Writable, order: IconOrder, work: StageWork): Promise<readonly FailedIcon[]> {
  const { atlas, layer, params, statistics, moment } = order
  const pending = distinct(cellsWithoutIcon(db, atlas))
  const { start } = params.inversion
  const starts =
    start && pending.length > 0 ? cellStarts(db, atlasWithId(db, atlas)!, order.classifier, layer, start) : undefined
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
    starts,
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
  /** Where the inversion starts from photographs. */
  readonly starts?: CellStarts | undefined
  /** Reports finished icons; those of the current batch count by their steps. */
  readonly progress: (done: number, of: number) => void
}

async function invertAll(
  db: Writable,
  { atlas, classifier, runtime, workers, layer, params }: IconOrder,
  cells: readonly PendingCell[],
  work: StageWork,
  { inversion, statistics, draft, starts, progress }: Way,
): Promise<void> {
  if (cells.length === 0) return progress(0, 0)
  const { steps, tries } = inversion
  const compiling = (done: number): void =>
    work.report({ stage: `${layer.name}: compiling the inversion`, done, total: 1, unit: 'graphs' })
  compiling(0)
  const making = { classifier, runtime, layer, inversion }
  const maker = workers === undefined ? await iconMaker(making) : iconsByWorkers(workers, making)
  compiling(1)
  const writes = new WritesTogether(db)
  let left = [...cells]
  let finished = 0
  const make = async (part: readonly PendingCell[]): Promise<void> => {
    const directions = new Float32Array(part.length * layer.channels)
    for (const [row, cell] of part.entries()) directions.set(cell.direction, row * layer.channels)
    const crops = part.map(cell => starts?.crops(cell))
    const icons = await maker.make(directions, {
      seed: params.seed,
      ...statistics,
      starts: crops[0] === 0 ? 'noise' : await starts?.pictures(part, maker.inversion.size, work.signal),
      signal: work.signal,
      priority: part.some(cell => work.attention?.sees(atlas, cell)) ? 1 : 2,
      report: ({ done }) => progress(finished + (part.length * done) / (steps * tries + 1), cells.length),
    })
    const inverted = { preset: params.preset, inversion: maker.inversion, seed: params.seed, draft }
    const stored = icons.map((icon, row) =>
      storedIcon(part[row]!.icon, icon, { ...inverted, crops: crops[row] }, icon.webp),
    )
    await writes.write(() => putIcons(db, stored))
    finished += part.length
    progress(finished, cells.length)
  }
  progress(0, cells.length)
  try {
    await sideBySide(
      () => maker.room,
      () => {
        if (left.length === 0) return undefined
        work.signal.throwIfAborted()
        // Read for every batch: the visible cells may have changed.
        left = work.attention?.sorted(atlas, left) ?? left
        const part = nextPart(left, maker.batch, starts)
        const taken = new Set(part)
        left = left.filter(cell => !taken.has(cell))
        return make(part)
      },
    )
  } finally {
    await maker.release()
  }
}

/** The first cells of one batch, which start either all from photographs or all from noise. */
function nextPart(left: readonly PendingCell[], batch: number, starts: CellStarts | undefined): readonly PendingCell[] {
  if (starts === undefined) return left.slice(0, batch)
  const fromNoise = (cell: PendingCell): boolean => starts.crops(cell) === 0
  const first = fromNoise(left[0]!)
  return left.filter(cell => fromNoise(cell) === first).slice(0, batch)
}

function distinct(cells: readonly PendingCell[]): PendingCell[] {
  return [...new Map(cells.map(cell => [cell.icon, cell])).values()]
}
