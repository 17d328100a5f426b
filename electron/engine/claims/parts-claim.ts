import { defaultFilter } from '../../contract/class-selection.ts'
import { filterSamples } from '../attribution/filter.ts'
import { readRankedColumns } from '../class-atlas/columns.ts'
import { activationsOf, readPart, readRows } from '../class-atlas/source.ts'
import { distinctName } from '../model/labels.ts'
import { decide } from '../statistics/decision.ts'
import { float32Pages } from '../store/activations.ts'
import type { Claim } from './claim.ts'
import type { LayerSamples } from './layer.ts'
import { assigned, type Groups, groupCount, groupsOf, testedGroups } from './parts.ts'
import type { PartsClaim, Protocol } from './protocol.ts'
import { decided, effectOf } from './result.ts'
import { deviationOf } from './shared.ts'

/** Minimum number of parts, found on the same photographs. */
const PARTS = 2
const NAMED = 3

/** Groups that one half of the photographs found, and what each supports in addition to the class. */
interface Found {
  readonly groups: Groups
  readonly names: readonly string[]
}

/**
 * Tests whether a class is made of distinct parts: groups of activations among the samples that matter to it, found on one
 * half of the photographs, of which at least two have to support it on all samples of the other half; and the reverse.
 */
export async function partsClaim(
  layer: LayerSamples,
  claim: PartsClaim,
  indexOf: (synset: string) => number,
  { relevant, seed }: Pick<Protocol, 'relevant' | 'seed'>,
): Promise<Claim> {
  const { source, clusters, folds } = layer
  const index = indexOf(claim.class)
  const column = layer.columns[index]!
  const deviation = deviationOf(Float64Array.from(column))
  const values = Float64Array.from(column, value => value / deviation)
  const [ranked] = await readRankedColumns(source, [index], 'positive')
  const { samples } = filterSamples(ranked!, defaultFilter(column.length))
  const found: Found[] = []
  for (const half of [0, 1])
    found.push(
      await foundOn(
        layer,
        index,
        samples.filter(s => folds[s] === half),
        seed,
      ),
    )
  const counts: [number, number] = [found[0]!.names.length, found[1]!.names.length]
  const cellOf = new Int32Array(column.length).fill(-1)
  for (const { start, values: rows } of float32Pages(source.db, activationsOf(source))) {
    const ofHalf = found.map(({ groups }) => assigned(groups, rows, source.layer.channels))
    for (let r = 0; r < ofHalf[0]!.length; r++) {
      // Tested by the groups of the half that the photograph is not of.
      const half = 1 - folds[start + r]!
      const group = ofHalf[half]![r]!
      if (group >= 0) cellOf[start + r] = half * counts[0] + group
    }
  }
  const tested = testedGroups(values, clusters, cellOf, counts)
  const names = found.flatMap(each => each.names)
  const withInterval = tested.flatMap((group, g) => (group.effect ? [{ ...group, effect: group.effect, g }] : []))
  // The half with the stronger second group, and that group: two parts hold if it does.
  const second = ([0, 1] as const)
    .map(half =>
      withInterval
        .filter(group => group.half === half)
        .toSorted((a, b) => b.effect.low - a.effect.low)
        .at(PARTS - 1),
    )
    .filter(group => group !== undefined)
    .toSorted((a, b) => b.effect.low - a.effect.low)[0]
  const effect = second && effectOf(second.effect, second.photographs, withInterval.length)
  const own = decided(
    effect,
    relevant.deviations,
    'photographs in all',
    layer.photographs / 2 / Math.max(1, second?.photographs ?? 1),
  )
  const holds = ([0, 1] as const).some(
    half => withInterval.filter(group => group.half === half && group.holds).length >= PARTS,
  )
  const absent = ([0, 1] as const).every(half => {
    const groups = withInterval.filter(group => group.half === half)
    const small = groups.filter(
      group =>
        decide(effectOf(group.effect, group.photographs, withInterval.length), relevant.deviations).verdict ===
        'does not hold',
    )
    return groups.length >= PARTS && groups.length - small.length < PARTS
  })
  return {
    id: claim.id,
    kind: 'parts',
    statement: claim.statement,
    layer: source.layer.name,
    outcome: `attribution to ${distinctName(source.classifier.labels, index)} of the second strongest group, standard deviations above all samples`,
    ...own,
    verdict: holds ? 'holds' : absent ? 'does not hold' : 'out of reach',
    controls: effect === undefined ? [] : [{ name: 'all samples of the same photographs', difference: second!.effect }],
    found: `groups of the ${samples.length} samples that matter to the class, found on one half of the photographs; tested on all samples of the other half`,
    parts: tested.map(({ effect, photographs, holds }, g) => ({
      name: names[g]!,
      effect,
      photographs,
      holds,
      note: g < counts[0] ? 'found on the first half' : 'found on the second half',
    })),
  }
}

/** Groups of some samples, each named after the other classes with the largest mean attribution. */
async function foundOn(
  { source, clusters }: LayerSamples,
  index: number,
  samples: Uint32Array,
  seed: number,
): Promise<Found> {
  const { channels } = source.layer
  const { labels } = source.classifier
  if (samples.length === 0)
    return { groups: { centres: new Float32Array(0), reach: new Float64Array(0), of: new Int32Array(0) }, names: [] }
  const rows = await readRows(source, samples)
  const count = Math.min(samples.length, groupCount(new Set(Array.from(samples, s => clusters[s]!)).size))
  const groups = groupsOf(rows, channels, count, seed)
  const sums = Array.from({ length: count }, () => new Float64Array(labels.length))
  for await (const { start, values } of readPart(source, samples, rows))
    for (let at = 0; at < values.length; at++)
      sums[groups.of[start + Math.floor(at / labels.length)]!]![at % labels.length]! += values[at]!
  const names = sums.map(of =>
    Array.from(of.keys())
      .filter(other => other !== index && of[other]! > 0)
      .sort((a, b) => of[b]! - of[a]!)
      .slice(0, NAMED)
      .map(other => distinctName(labels, other))
      .join(', '),
  )
  return { groups, names }
}
