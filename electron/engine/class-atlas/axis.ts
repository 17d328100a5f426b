import type { ComparisonSelection } from '../../contract/class-selection.ts'
import { crossFit, halvesOf } from '../statistics/cross-fit.ts'
import { quantile } from '../statistics/quantile.ts'
import { photographsOf } from './photographs.ts'
import type { SelectedSamples } from './selection.ts'
import type { Source } from './source.ts'

/** Selected samples with their scope, and the horizontal axis where the scope sets it. */
export interface PlacedSamples {
  readonly samples: Uint32Array
  readonly scope: SelectedSamples['scope']
  /** [samples], position on the horizontal axis, 0 to 1; undefined where the layout has both axes. */
  readonly x: Float64Array | undefined
}

/**
 * Sets the horizontal axis of a comparison: the difference of attributions as the other half of the photographs predicts it
 * from a sample's activation. By its own difference (as in the article) a sample would choose the cell that it is measured in.
 * @param rows [samples, channels], activations of the selected samples
 */
export async function placeSamples(
  { db, set, layer }: Pick<Source, 'db' | 'set' | 'layer'>,
  { samples, scope, differences }: SelectedSamples,
  rows: Float32Array,
): Promise<PlacedSamples> {
  if (scope.kind === 'class' || differences === undefined) return { samples, scope, x: undefined }
  const { clusters, hashes } = photographsOf(db, set, samples)
  const folds = halvesOf(hashes)
  const { predicted, agreement, rules } = await crossFit({
    rows,
    channels: layer.channels,
    values: differences,
    clusters,
    folds,
  })
  const { x, scale, clipped } = comparisonAxis(predicted)
  const halves = [0, 1].map(half => new Set(hashes.filter((_, s) => folds[s] === half)).size) as [number, number]
  const components: [number, number] = [rules[0].components, rules[1].components]
  const placed: ComparisonSelection = {
    ...scope,
    scale,
    clipped,
    crossFit: { agreement, components, photographs: halves },
  }
  return { samples, scope: placed, x }
}

/**
 * A symmetric axis (Activation Atlas, Distill 2019): difference / p99(|difference|), clipped to ±1 and mapped to [0, 1], so
 * that 0 is in the middle whichever class is stronger.
 * @param differences [samples], logits
 */
export function comparisonAxis(differences: Float64Array): {
  readonly x: Float64Array
  /** Logits at the edge. */
  readonly scale: number
  /** Samples beyond it. */
  readonly clipped: number
} {
  // All differences are 0: any scale maps them to the middle.
  const scale = quantile(differences.map(Math.abs).sort(), 0.99) || 1
  let clipped = 0
  const x = differences.map(difference => {
    if (Math.abs(difference) > scale) clipped++
    return (Math.min(1, Math.max(-1, difference / scale)) + 1) / 2
  })
  return { x, scale, clipped }
}
