import type { AtlasParams } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import type { LayoutQuality } from '../../contract/layout.ts'
import { requireInvertible } from '../inversion/layer-size.ts'
import { statisticsFor } from '../inversion/statistics.ts'
import type { JobContext } from '../jobs/context.ts'
import { checkAligned } from '../layout/aligned.ts'
import { checkLayoutSize } from '../layout/compute.ts'
import { levelsOf } from '../layout/grid.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { enterPhotographs, missingSentence, type Photographs } from '../photographs/enter.ts'
import { enterModel } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { findActivations } from '../store/activations.ts'
import { type AtlasRecord, finishAtlas } from '../store/atlases.ts'
import { listGrids, putCells } from '../store/cells.ts'
import { type FailedIcon, failedIcons, iconCounts, iconsFromNoise } from '../store/icons.ts'
import { displacementOf, layoutPositions, qualityOf } from '../store/layouts.ts'
import { findImage } from '../store/photographs.ts'
import { findSampleSet, imagesOfSet, type SampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import type { Workers } from '../units/workers.ts'
import { labelGrid, storedLabels } from './cell-labels.ts'
import { cellsOf } from './cells.ts'
import { adoptEarlier, earlierAtlas, enterAtlas } from './enter.ts'
import { fillActivations, iconsWithoutActivation } from './icon-fidelity.ts'
import { iconContext, makeIcons } from './icons.ts'
import { existingLayout, layOut, layOutTogether } from './layout.ts'
import { drawSamples, existingSamples, layersToRepeat, retryLeftOut, type SampleOrder } from './samples.ts'
import { existingMoment, takeMoment } from './stored-moment.ts'

/** The kind of a build's job; its parameters are a `BuildJob`. */
export const ATLAS_BUILD = 'atlas build'
/** The kind of a job that lays out again; its parameters are a `LayoutJob`. */
export const ATLAS_LAYOUT = 'atlas layout'

interface BuildOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  /** Who samples photographs and makes icons; this process by default. */
  readonly workers?: Workers | undefined
  readonly layers: readonly Layer[]
  readonly params: AtlasParams
  /** The project has the classifier already; the description of its model may have changed. */
  readonly entered?: boolean
  /** Name of new layouts; their parameters by default. */
  readonly layoutName?: string | undefined
}

/** One atlas of a finished build. */
export interface BuiltAtlas {
  readonly layer: string
  readonly atlas: AtlasRecord
  readonly samples: number
  /** How far the layout keeps neighbourhoods; null where that was not measured. */
  readonly quality: LayoutQuality | null
  /** Median distance to the samples' positions at the next aligned layer, the map's edge being 1; null without one. */
  readonly displacement: number | null
  readonly shrinkage: number
  readonly grids: readonly {
    readonly grid: number
    readonly cells: number
    readonly samples: number
    readonly shown: number
  }[]
  readonly icons: number
  readonly failed: readonly FailedIcon[]
  /** Icons that started from noise although they were to start from photographs: their cells have too few. */
  readonly fromNoise: number
}

export interface Built {
  /** Number of distinct photographs: copies count once. */
  readonly photographs: number
  readonly unreadable: Photographs['unreadable']
  /** Photographs that the project has of these folders, and that are in them no more. */
  readonly missing: Photographs['missing']
  readonly samples: number
  readonly atlases: readonly BuiltAtlas[]
}

/** Builds atlases from folders of photographs, and reuses stored results. The body of a job. */
export async function buildAtlases(
  db: Writable,
  folders: readonly string[],
  order: BuildOrder,
  job: JobContext,
): Promise<Built> {
  const { classifier, params } = order
  // Checked before any work, as the size of the layout is below.
  for (const layer of order.layers) requireInvertible(classifier, layer, params.inversion)
  if (!order.entered) enterModel(db, classifier)
  const photographs = await job.stage({
    name: 'photographs',
    existing: () => undefined,
    compute: work => enterPhotographs(db, folders, work),
  })
  const { sources } = photographs
  warn(photographs.unreadable, job)
  warn(photographs.creditless, job)
  const gone = missingSentence(photographs.missing)
  if (gone !== undefined) job.log('warning', gone)
  if (sources.length === 0)
    throw new UserError(
      `no readable photograph in ${folders.join(', ')} (${photographs.unreadable.length} files cannot be read); ` +
        'choose a folder that contains JPEG, PNG or WebP files',
    )
  // Checked before any work: otherwise a layout with too many samples would fail after an hour of sampling.
  checkSize(sources.length * params.positionsPerImage, order)
  const samples: SampleOrder = { ...order, photographs }
  const repeated = layersToRepeat(db, samples)
  if (repeated.length > 0)
    job.log(
      'warning',
      `an earlier version did not store the logits of its attributions: those of ${repeated.map(({ name }) => name).join(', ')} are computed again`,
    )
  await retryLeftOut(db, samples, job.signal)
  const { set, missed } = await job.stage({
    name: 'samples',
    existing: () => existingSamples(db, samples),
    compute: work => drawSamples(db, samples, work),
  })
  const unused = [...damagedPictures(db, sources), ...missed]
  warn(unused, job)
  const atlases = await atlasesOf(db, set, order, job)
  const sampled = imagesOfSet(db, set.id)
  return {
    // Copies of a photograph count once.
    photographs: new Set(sources.flatMap(({ image, hash }) => (sampled.has(image) ? [hash] : []))).size,
    unreadable: [...photographs.unreadable, ...unused],
    missing: photographs.missing,
    samples: set.n,
    atlases,
  }
}

function checkSize(n: number, { layers, params: { layout } }: BuildOrder): void {
  if (layout.aligned) checkAligned(n, layout.aligned.length, layout)
  for (const { channels } of layers) checkLayoutSize(n, layout, channels)
}

function warn(unreadable: Photographs['unreadable'], job: JobContext): void {
  for (const { file, reason } of unreadable) job.log('warning', `${file}: ${reason}`)
}

/** Photographs with a valid header that sampling, now or in an earlier run, could not decode. */
function damagedPictures(db: Writable, sources: Photographs['sources']): Photographs['unreadable'] {
  return sources.flatMap(({ file, image }) => {
    const record = findImage(db, image)
    return record?.status === 'unreadable' ? [{ file, reason: record.reason }] : []
  })
}

/** Builds atlases of existing samples with another layout. The body of a job. */
export async function layOutAgain(
  db: Writable,
  key: string,
  order: BuildOrder,
  job: JobContext,
): Promise<readonly BuiltAtlas[]> {
  const set = findSampleSet(db, key)
  if (!set) throw new UserError(`these samples are no longer in ${db.file}; build the atlas again`)
  for (const layer of order.layers)
    if (findActivations(db, set.id, layer.tensor)?.n !== set.n)
      throw new UserError(
        `cannot compute a layout of ${layer.name}: its activations are not in ${db.file}; add the layer with portolan atlas build`,
      )
  checkSize(set.n, order)
  return atlasesOf(db, set, order, job)
}

/** Builds atlases of existing samples at some layers. */
export async function atlasesOf(
  db: Writable,
  set: SampleSet,
  order: BuildOrder,
  job: JobContext,
): Promise<readonly BuiltAtlas[]> {
  if (set.n === 0)
    throw new UserError(
      'there are no samples to build an atlas of: no photograph could be decoded; choose a folder that contains JPEG, PNG or WebP files',
    )
  const { aligned } = order.params.layout
  if (aligned) {
    // In the network's order, which also decides the layers between which the samples are held together.
    const layers = aligned.map(tensor => {
      const layer = order.layers.find(each => each.tensor === tensor)
      if (layer === undefined)
        throw new UserError(`cannot align "${tensor}": it is not among the layers of this build; start it again`)
      return layer
    })
    await job.stage({
      name: 'aligned layouts',
      existing: () => {
        const stored = layers.flatMap(layer => existingLayout(db, set, layer, order.params) ?? [])
        return stored.length === layers.length ? stored : undefined
      },
      compute: work => layOutTogether(db, set, layers, order.params, work, order.layoutName),
    })
  }
  const atlases: BuiltAtlas[] = []
  for (const layer of order.layers) atlases.push(await atlasOf(db, set, layer, order, job))
  return atlases
}

async function atlasOf(
  db: Writable,
  set: SampleSet,
  layer: Layer,
  { classifier, runtime, workers, params, layoutName }: BuildOrder,
  job: JobContext,
): Promise<BuiltAtlas> {
  const moment = await job.stage({
    name: `${layer.name}: second moment`,
    existing: () => existingMoment(db, set, layer),
    compute: work => takeMoment(db, set, layer, runtime, work),
  })
  const layout = await job.stage({
    name: `${layer.name}: layout`,
    existing: () => existingLayout(db, set, layer, params),
    compute: work => layOut(db, set, layer, params, work, layoutName),
  })
  const statistics = statisticsFor(params.inversion, moment, params.ridge)
  const matrix = statistics.whitening
  if (matrix && matrix.shrinkage > 0)
    job.log(
      'warning',
      `${layer.name}: ${set.n} samples are few for ${layer.channels} channels: the whitening is shrunk by ${matrix.shrinkage.toFixed(2)}`,
    )
  const context = iconContext(classifier, layer, params, statistics)
  const earlier = earlierAtlas(db, layout, params, context)
  if (earlier)
    await job.stage({
      name: `${layer.name}: cells of an earlier version`,
      existing: () => undefined,
      compute: () => {
        const sizes = listGrids(db, earlier.id).map(({ grid }) => grid)
        const order = { classifier, layer, set, layout, params, iconContext: context }
        const grids = sizes.map(size => [size, cellsOf(db, order, size)] as const)
        db.write(() => {
          for (const [size, cells] of grids) putCells(db, earlier.id, size, cells)
          adoptEarlier(db, earlier, classifier, layout, params, context)
        })
      },
    })
  const atlas = enterAtlas(db, set, classifier, layer, layout, params, statistics, context)
  const sizes =
    params.grids === 'auto'
      ? levelsOf(Float64Array.from(layoutPositions(db, layout.id)), params.minSamples)
      : params.grids
  for (const size of sizes)
    await job.stage({
      name: `${layer.name}: ${size} × ${size} cells`,
      existing: () => listGrids(db, atlas.id).find(({ grid }) => grid === size),
      compute: () => {
        const cells = cellsOf(db, { classifier, layer, set, layout, params, iconContext: context }, size)
        putCells(db, atlas.id, size, cells)
        return listGrids(db, atlas.id).find(({ grid }) => grid === size)!
      },
    })
  for (const size of sizes)
    await job.stage({
      name: `${layer.name}: ${size} × ${size} labels`,
      existing: () => storedLabels(db, atlas, size),
      compute: () => labelGrid(db, atlas, size, { classifier, runtime }),
    })
  const failed = await job.stage({
    name: `${layer.name}: icons`,
    existing: () => {
      const { finished, awaited } = iconCounts(db, atlas.id)
      return finished === awaited ? failedIcons(db, atlas.id) : undefined
    },
    compute: work =>
      makeIcons(db, { atlas: atlas.id, classifier, runtime, workers, layer, params, statistics, moment }, work),
  })
  const fromNoise = iconsFromNoise(db, atlas.id)
  if (fromNoise > 0)
    job.log(
      'warning',
      `${layer.name}: icons that started from noise, as fewer than ${params.inversion.start?.minimum} photographs are behind their cells: ${fromNoise}`,
    )
  // Icons of an earlier version, which did not store their activations.
  for (const size of sizes)
    if (iconsWithoutActivation(db, atlas, size).length > 0)
      await fillActivations(db, atlas, size, { classifier, runtime })
  if (atlas.finished === null) finishAtlas(db, atlas.id, Date.now())
  return {
    layer: layer.name,
    atlas,
    samples: set.n,
    quality: qualityOf(layout),
    displacement: displacementOf(layout),
    shrinkage: matrix?.shrinkage ?? 0,
    grids: listGrids(db, atlas.id).filter(({ grid }) => sizes.includes(grid)),
    icons: iconCounts(db, atlas.id).finished,
    failed,
    fromNoise,
  }
}
