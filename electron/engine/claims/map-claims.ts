import { classLayouts, comparisonGrid, defaultMinSamples, testedGrid } from '../../contract/class-atlas.ts'
import { ComparisonSelection, defaultFilter } from '../../contract/class-selection.ts'
import { type LayoutParams, newLayout } from '../../contract/layout.ts'
import { PRESETS } from '../../contract/presets.ts'
import { labelGrid } from '../atlas/cell-labels.ts'
import { RIDGE } from '../atlas/params.ts'
import { existingMoment, takeMoment } from '../atlas/stored-moment.ts'
import type { ClassColumn } from '../attribution/class-columns.ts'
import { readColumns } from '../class-atlas/columns.ts'
import { classCells } from '../class-atlas/described.ts'
import { layOutPart, refinedAtlas } from '../class-atlas/lay-out.ts'
import { ALONG_LINE, type ClassAtlasJob, type ClassAtlasParams } from '../class-atlas/order.ts'
import { comparisonCells } from '../comparison/cells.ts'
import { ranked } from '../comparison/separation.ts'
import { statisticsFor } from '../inversion/statistics.ts'
import type { JobContext } from '../jobs/context.ts'
import { distinctName } from '../model/labels.ts'
import { classifierKey } from '../registry/enter.ts'
import { decide } from '../statistics/decision.ts'
import type { CellInterval } from '../statistics/simultaneous.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import { stored } from '../store/json.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import type { Claim, Part } from './claim.ts'
import type { LayerSamples } from './layer.ts'
import type { ClassAtlasClaim, ComparisonClaim, Protocol } from './protocol.ts'
import { decided, effectOf } from './result.ts'
import { deviationOf } from './shared.ts'

/** Where the layout of a map is made and kept. */
export interface MapPlace {
  readonly db: Writable
  readonly set: SampleSet
  readonly job: JobContext
}

/** Other classes that a cell is named after. */
const NAMED = 3

/**
 * Tests whether a comparison, made as users make one, has cells that separate two classes; icons are left out, since no
 * number depends on them.
 */
export async function comparisonClaim(
  place: MapPlace,
  layer: LayerSamples,
  claim: ComparisonClaim,
  indexOf: (synset: string) => number,
  { relevant }: Pick<Protocol, 'relevant'>,
): Promise<Claim> {
  const { labels } = layer.source.classifier
  const [one, other] = [indexOf(claim.left), indexOf(claim.right)]
  const [left, right] = [Math.min(one, other), Math.max(one, other)]
  const outcome = `attribution to ${distinctName(labels, right)} less that to ${distinctName(labels, left)}, standard deviations over all samples, of the cell that separates most`
  const about = { relevant, outcome, control: 'no difference, and the mean of all samples of the map' }
  if (!isSupported(layer, [left, right])) return mapClaim(layer, claim, [], 0, { ...about, found: UNSUPPORTED })
  const grid = comparisonGrid(layer.photographs, place.set.n)
  const layout = ALONG_LINE
  const atlas = await laidOut(place, layer, { kind: 'comparison', left, right }, grid, layout, claim.id)
  const [ofLeft, ofRight] = (await readColumns(layer.source, [left, right])) as [ClassColumn, ClassColumn]
  const scope = stored(ComparisonSelection, atlas.scope, `the scope of ${atlas.name}`)
  const map = comparisonCells(place.db, atlas, scope, grid, ofLeft, ofRight)
  const deviation = deviationOf(Float64Array.from(ofRight.values, (value, s) => value - ofLeft.values[s]!))
  const parts = ranked(map.cells, 'both').map(
    ({
      i,
      j,
      difference,
      interval,
      photographs,
      significant,
      otherClasses,
    }): Part & { interval: CellInterval['interval'] } => ({
      name: `cell ${i}, ${j}, towards ${distinctName(labels, difference > 0 ? right : left)}`,
      ...measured(Math.abs(difference), interval, difference > 0 ? 1 : -1, deviation),
      photographs,
      holds: significant,
      note:
        otherClasses
          .slice(0, NAMED)
          .map(({ index }) => distinctName(labels, index))
          .join(', ') || null,
      interval,
    }),
  )
  return mapClaim(layer, claim, parts, map.tested, {
    ...about,
    found: `a comparison of ${scope.counts.after} samples on ${grid} × ${grid} cells, cut by the other half of the photographs (agreement of the halves ${(scope.crossFit?.agreement ?? 0).toFixed(2)}); ${cellsText(map.tested)} with enough photographs`,
  })
}

/**
 * Tests whether the cells of a class atlas differ in their attribution to the class. It has fewer cells than users' have by
 * default, in which 200 samples leave hardly any with enough photographs.
 */
export async function classAtlasClaim(
  place: MapPlace,
  layer: LayerSamples,
  claim: ClassAtlasClaim,
  indexOf: (synset: string) => number,
  { relevant }: Pick<Protocol, 'relevant'>,
): Promise<Claim> {
  const { labels } = layer.source.classifier
  const index = indexOf(claim.class)
  const outcome = `attribution to ${distinctName(labels, index)}, standard deviations over all samples, of the cell with the most`
  const about = { relevant, outcome, control: 'the mean of all samples of the class atlas' }
  if (!isSupported(layer, [index])) return mapClaim(layer, claim, [], 0, { ...about, found: UNSUPPORTED })
  const grid = testedGrid(layer.photographs, place.set.n)
  const layout = newLayout(classLayouts.tsne)
  const atlas = await laidOut(place, layer, { kind: 'class', class: index }, grid, layout, claim.id)
  const [column] = await readColumns(layer.source, [index])
  const map = classCells(place.db, atlas, grid, column!)
  const deviation = deviationOf(Float64Array.from(column!.values))
  const parts = map.cells
    .map(({ i, j, attribution, interval, photographs, significant }) => ({
      name: `cell ${i}, ${j}`,
      ...measured(
        attribution - map.mean,
        interval && { low: interval.low - map.mean, high: interval.high - map.mean },
        1,
        deviation,
      ),
      photographs,
      holds: significant && attribution > map.mean,
      note: null,
      interval,
    }))
    .toSorted((a, b) => (b.effect?.low ?? Number.NEGATIVE_INFINITY) - (a.effect?.low ?? Number.NEGATIVE_INFINITY))
  return mapClaim(layer, claim, parts, map.tested, {
    ...about,
    found: `a class atlas on ${grid} × ${grid} cells, with a layout of activations only; ${cellsText(map.tested)} with enough photographs`,
  })
}

const cellsText = (cells: number): string => `${cells} ${cells === 1 ? 'cell' : 'cells'}`

/** Whether any sample passes a filter by attribution. */
const isSupported = ({ columns }: LayerSamples, classes: readonly number[]): boolean =>
  classes.some(index => columns[index]!.some(value => value > 0))
const UNSUPPORTED = 'no sample has positive attribution to it'

const measured = (
  value: number,
  interval: CellInterval['interval'],
  sign: 1 | -1,
  deviation: number,
): Pick<Part, 'effect'> => {
  if (interval === null) return { effect: null }
  const ends = [interval.low * sign, interval.high * sign]
  return {
    effect: { value: value / deviation, low: Math.min(...ends) / deviation, high: Math.max(...ends) / deviation },
  }
}

/** A claim that holds if any cell does. @param parts cells, the strongest first */
function mapClaim(
  layer: LayerSamples,
  { id, kind, statement }: ComparisonClaim | ClassAtlasClaim,
  parts: readonly Part[],
  tested: number,
  about: Pick<Protocol, 'relevant'> & { readonly outcome: string; readonly control: string; readonly found: string },
): Claim {
  const withEffect = parts.flatMap(part => (part.effect === null ? [] : [{ ...part, effect: part.effect }]))
  const strongest = withEffect[0]
  const effect = strongest && effectOf(strongest.effect, strongest.photographs, tested)
  const { deviations } = about.relevant
  const share = layer.photographs / Math.max(1, strongest?.photographs ?? 1)
  const absent =
    withEffect.length > 0 &&
    withEffect.every(
      part => decide(effectOf(part.effect, part.photographs, tested), deviations).verdict === 'does not hold',
    )
  return {
    id,
    kind,
    statement,
    layer: layer.source.layer.name,
    outcome: about.outcome,
    ...decided(effect, deviations, 'photographs in all', share),
    verdict: parts.some(({ holds }) => holds) ? 'holds' : absent ? 'does not hold' : 'out of reach',
    controls: strongest === undefined ? [] : [{ name: about.control, difference: strongest.effect }],
    found: about.found,
    parts: parts
      .filter(({ effect }) => effect !== null)
      .map(({ name, effect, photographs, holds, note }) => ({ name, effect, photographs, holds, note })),
  }
}

/** Filter, axis, layout and cells of a map, as its job makes them, without icons. */
async function laidOut(
  { db, set, job }: MapPlace,
  { source }: LayerSamples,
  scope:
    | { readonly kind: 'class'; readonly class: number }
    | { readonly kind: 'comparison'; readonly left: number; readonly right: number },
  grid: number,
  layout: LayoutParams,
  name: string,
): Promise<ClassAtlasRecord> {
  const { layer, classifier, attribution, runtime } = source
  const { inversion } = PRESETS.draft
  const common = {
    layer: layer.name,
    filter: defaultFilter(set.n),
    grids: [grid],
    minSamples: defaultMinSamples,
    layout,
    layoutSeed: 0,
    attribution,
    ridge: RIDGE,
    preset: 'draft' as const,
    inversion,
    seed: 0,
  }
  const params: ClassAtlasParams = { ...common, ...scope }
  // Not based on a full atlas: none is needed without icons.
  const spec: ClassAtlasJob = {
    model: classifier.file,
    classifier: classifierKey(classifier),
    samples: set.key,
    base: 'none',
    params,
  }
  const moment = await job.stage({
    name: `${layer.name}: second moment`,
    existing: () => existingMoment(db, set, layer),
    compute: work => takeMoment(db, set, layer, runtime, work),
  })
  const atlas = await job.stage({
    name: `${name}: layout`,
    existing: () => refinedAtlas(db, spec),
    compute: work =>
      layOutPart(
        { db, set, source, spec, name, statistics: () => statisticsFor(inversion, moment, RIDGE), changed: () => {} },
        work,
      ),
  })
  await labelGrid(db, atlas, grid, { classifier, runtime })
  return atlas
}
