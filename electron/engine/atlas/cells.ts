import type { AtlasParams } from '../../contract/build.ts'
import { byClosedForm, closedForm } from '../attribution/closed-form.ts'
import { hashOf } from '../inversion/shard.ts'
import { CellAttribution, type CellAttributions, topClasses } from '../layout/cell-attribution.ts'
import { CellMeans } from '../layout/cell-means.ts'
import { type Grid, gridOf, meanPositions, samplesByCell } from '../layout/grid.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { classifierKey } from '../registry/enter.ts'
import { float32Pages, requireActivations } from '../store/activations.ts'
import { findAttributions, strongestPages } from '../store/attributions.ts'
import type { Cell } from '../store/cells.ts'
import { contentKey } from '../store/keys.ts'
import { type LayoutRecord, layoutPositions } from '../store/layouts.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { UNUSED_SLOT } from '../store/strongest.ts'

/** Number of classes that a cell stores for each sign; all others can be summed again from its samples. */
const TOP = 10

interface CellOrder {
  readonly classifier: Classifier
  readonly layer: Layer
  readonly set: SampleSet
  readonly layout: LayoutRecord
  readonly params: AtlasParams
  /** Key of the parameters of icons apart from their directions. */
  readonly iconContext: string
}

/**
 * All cells of one grid: the counts of all that contain samples, and for those with enough samples the mean activation,
 * the classes with the largest positive and negative attribution, and the key of the icon.
 * Counts over all cells add up to the number of samples.
 */
export function cellsOf(db: Readable, order: CellOrder, size: number): Cell[] {
  const { layout, layer, set, params, iconContext } = order
  const positions = Float64Array.from(layoutPositions(db, layout.id))
  const grid = gridOf(positions, size, params.minSamples)
  const matrix = requireActivations(db, set.id, layer.tensor)
  const means = new CellMeans(grid, layer.channels)
  const attribution = new CellAttribution(grid, order.classifier.labels.length)
  const stored = storedAttributions(db, order)
  for (const page of float32Pages(db, matrix)) {
    means.feed(page.start, page.values)
    if (stored === undefined)
      attribution.feed(page.start, byClosedForm(page.values, closedForm(order.classifier, layer)!))
  }
  for (const page of stored ?? []) attribution.feed(page.start, page.values)
  const directions = Float32Array.from(means.means())
  const photographs = params.inversion.start && photographsKeys(grid, set)
  return joined(grid, directions, attribution.result(), positions, layer.channels, iconContext, photographs)
}

/**
 * What an icon that starts from photographs depends on beside its direction: the samples of its cell, as keys by cell. The key of
 * their set identifies photographs and positions.
 */
function photographsKeys(grid: Grid, { key }: SampleSet): ReadonlyMap<number, string> {
  const samples = samplesByCell(grid)
  return new Map([...samples].map(([cell, its]) => [cell, contentKey({ set: key, samples: Uint32Array.from(its) })]))
}

/** Attributions stored in the project; undefined where they are computed by the closed form. */
function storedAttributions(
  db: Readable,
  { classifier, layer, set, params }: CellOrder,
): Iterable<{ start: number; values: Float32Array }> | undefined {
  if (closedForm(classifier, layer)) return undefined
  const matrix = findAttributions(db, set.id, layer.tensor, params.attribution, classifierKey(classifier))
  if (!matrix) throw new Error(`sample set ${set.id} has no ${params.attribution} attributions at ${layer.name}`)
  return matrix.kept === null ? float32Pages(db, matrix) : widened(db, matrix)
}

/** Truncated attributions, with zeros for values that are not stored. */
export function* widened(
  db: Readable,
  matrix: NonNullable<ReturnType<typeof findAttributions>>,
): Generator<{ start: number; values: Float32Array }> {
  for (const { start, rows } of strongestPages(db, matrix)) {
    const slots = 2 * rows.kept
    const values = new Float32Array((rows.classes.length / slots) * matrix.width)
    for (const [slot, index] of rows.classes.entries())
      if (index !== UNUSED_SLOT) values[Math.floor(slot / slots) * matrix.width + index] = rows.values[slot]!
    yield { start, values }
  }
}

/**
 * The shown cells, with the counts of the hidden ones.
 * @param photographs keys of the photographs that the icons start from, by cell; of icons that start from noise none
 */
export function joined(
  grid: Grid,
  directions: Float32Array,
  attributions: CellAttributions,
  positions: Float64Array,
  channels: number,
  iconContext: string,
  photographs?: ReadonlyMap<number, string>,
): Cell[] {
  const shown = new Map(Array.from(grid.shown, (cell, slot) => [cell, slot]))
  const places = meanPositions({ ...grid, shown: Int32Array.from(occupied(grid)) }, positions)
  return occupied(grid).map((cell, place): Cell => {
    const common = {
      i: Math.floor(cell / grid.size),
      j: cell % grid.size,
      count: grid.counts[cell]!,
      x: places[2 * place]!,
      y: places[2 * place + 1]!,
    }
    const slot = shown.get(cell)
    if (slot === undefined) return { ...common, label: null, share: null, top: null, direction: null, icon: null }
    const direction = directions.slice(slot * channels, (slot + 1) * channels)
    const top = topClasses(attributions, slot, TOP)
    return {
      ...common,
      label: attributions.label[slot]!,
      share: attributions.agreement[slot]!,
      top: { for: top.for.map(value => ({ ...value })), against: top.against.map(value => ({ ...value })) },
      direction,
      icon: iconKey(iconContext, direction, photographs?.get(cell)),
    }
  })
}

const occupied = (grid: Grid): number[] => Array.from(grid.counts.keys()).filter(cell => grid.counts[cell]! > 0)

/**
 * Equal directions with equal inversion parameters share an icon, also in different atlases.
 * @param photographs key of those that it starts from
 */
export const iconKey = (context: string, direction: Float32Array, photographs?: string): string =>
  contentKey({ icon: context, direction: Buffer.from(hashOf(direction)).toString('hex'), photographs })
