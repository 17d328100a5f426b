import { UserError } from '../../contract/errors.ts'
import { labelGrid, storedLabels } from '../atlas/cell-labels.ts'
import { makeIcons } from '../atlas/icons.ts'
import { existingMoment, takeMoment } from '../atlas/stored-moment.ts'
import { type LayerStatistics, statisticsFor } from '../inversion/statistics.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier } from '../model/classifier.ts'
import { distinctName } from '../model/labels.ts'
import { layerAt } from '../model/layers.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { findAtlas, finishAtlas } from '../store/atlases.ts'
import { listGrids } from '../store/cells.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import { type FailedIcon, failedIcons, iconCounts } from '../store/icons.ts'
import { type LayoutRecord, layoutWithId } from '../store/layouts.ts'
import { findSampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import { layOutPart, refinedAtlas } from './lay-out.ts'
import type { ClassAtlasJob } from './order.ts'
import type { Source } from './source.ts'

interface ClassAtlasOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  /** Called after a first and after a refined layout is stored. */
  readonly changed?: () => void
}

export interface BuiltClassAtlas {
  readonly atlas: ClassAtlasRecord
  readonly layout: LayoutRecord
  readonly grids: ReturnType<typeof listGrids>
  readonly icons: number
  readonly failed: readonly FailedIcon[]
}

/**
 * Builds a class atlas or a comparison: filter, layout, cells and icons; the whitening is that of all samples of the
 * layer. A first layout is committed with its cells, and the refined one replaces it. Stored results are reused. The body
 * of a job.
 */
export async function buildClassAtlas(
  db: Writable,
  spec: ClassAtlasJob,
  { classifier, runtime, changed = () => {} }: ClassAtlasOrder,
  job: JobContext,
): Promise<BuiltClassAtlas> {
  const { params } = spec
  const set = findSampleSet(db, spec.samples)
  if (set === undefined) throw new UserError(`these samples are no longer in ${db.file}; build the atlas again`)
  const base = findAtlas(db, spec.base)
  if (base === undefined)
    throw new UserError(
      `the atlas of ${params.layer} that this one is based on is no longer in ${db.file}; build it again`,
    )
  const layer = layerAt(classifier, base.tensor, base.layer)
  const source: Source = { db, set: set.id, classifier, layer, attribution: params.attribution, runtime }
  const name = scopeName(classifier, spec)
  const moment = await job.stage({
    name: `${layer.name}: second moment`,
    existing: () => existingMoment(db, set, layer),
    compute: work => takeMoment(db, set, layer, runtime, work),
  })
  let computed: LayerStatistics | undefined
  // Computed on demand: whitening of many channels takes a second, and a stored layout does not need it.
  const statistics = (): LayerStatistics => {
    computed ??= statisticsFor(params.inversion, moment, params.ridge)
    return computed
  }
  const atlas = await job.stage({
    name: `${name}: layout`,
    existing: () => refinedAtlas(db, spec),
    compute: work => layOutPart({ db, set, source, spec, name, statistics, changed }, work),
  })
  await job.stage({
    name: `${name}: labels`,
    existing: () => (params.grids.every(grid => storedLabels(db, atlas, grid)) ? true : undefined),
    compute: async () => {
      for (const grid of params.grids) await labelGrid(db, atlas, grid, { classifier, runtime })
      return true
    },
  })
  const failed = await job.stage({
    name: `${name}: icons`,
    existing: () => {
      const { finished, awaited } = iconCounts(db, atlas.id)
      return finished === awaited ? failedIcons(db, atlas.id) : undefined
    },
    compute: work =>
      makeIcons(db, { atlas: atlas.id, classifier, runtime, layer, params, statistics: statistics(), moment }, work),
  })
  if (atlas.finished === null) finishAtlas(db, atlas.id, Date.now())
  return {
    atlas,
    layout: layoutWithId(db, atlas.layout)!,
    grids: listGrids(db, atlas.id),
    icons: iconCounts(db, atlas.id).finished,
    failed,
  }
}

/** `fireboat`, `snorkel | scuba diver`. */
const scopeName = ({ labels }: Classifier, { params }: ClassAtlasJob): string =>
  params.kind === 'class'
    ? distinctName(labels, params.class)
    : `${distinctName(labels, params.left)} | ${distinctName(labels, params.right)}`
