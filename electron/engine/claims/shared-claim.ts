import { defaultMagnitude } from '../../contract/class-selection.ts'
import { distinctName } from '../model/labels.ts'
import { decide } from '../statistics/decision.ts'
import type { Claim } from './claim.ts'
import type { LayerSamples } from './layer.ts'
import type { Protocol, SharedClaim } from './protocol.ts'
import { decided } from './result.ts'
import { sharedWith, strongestSamples } from './shared.ts'

/**
 * Tests whether what supports some classes supports another one: each part has to hold, so that the weakest decides, or one
 * that does not hold.
 * @param indexOf a class of the network by its synset
 */
export function sharedClaim(
  layer: LayerSamples,
  claim: SharedClaim,
  indexOf: (synset: string) => number,
  { relevant }: Pick<Protocol, 'relevant'>,
): Claim {
  const { labels } = layer.source.classifier
  const whole = indexOf(claim.supports)
  const rather = claim.rather === undefined ? undefined : indexOf(claim.rather)
  const [ours, theirs] = [layer.columns[whole]!, rather === undefined ? undefined : layer.columns[rather]!]
  const values = Float64Array.from(ours, (value, s) => value - (theirs?.[s] ?? 0))
  const strongest = strongestSamples(layer, defaultMagnitude(values.length))
  const left = [whole, ...(rather === undefined ? [] : [rather])]
  const parts = claim.parts.map(({ name, class: synset }) => {
    const shared = sharedWith(values, layer.clusters, strongest, indexOf(synset), left, claim.parts.length)
    return { name, ...shared, decision: decide(shared.effect, relevant.deviations) }
  })
  const weakest = parts.reduce((a, b) => (b.effect.value < a.effect.value ? b : a))
  const deciding = parts.find(({ decision }) => decision.verdict === 'does not hold') ?? weakest
  const { effect } = deciding
  const share = layer.photographs / Math.max(1, effect.photographs)
  return {
    id: claim.id,
    kind: 'shared',
    statement: claim.statement,
    layer: layer.source.layer.name,
    outcome: `attribution to ${distinctName(labels, whole)}${rather === undefined ? '' : ` less that to ${distinctName(labels, rather)}`}, standard deviations, of the samples with the strongest attribution to the part`,
    ...decided(effect, relevant.deviations, 'photographs in all', share),
    controls:
      effect.photographs < 2
        ? []
        : [
            {
              name: `the strongest samples of the other ${deciding.of - 1} classes, median`,
              difference: { value: effect.value, low: effect.low, high: effect.high },
            },
          ],
    found: `the ${defaultMagnitude(values.length)} samples with the strongest attribution to each class; their label plays no part`,
    parts: parts.map(({ name, effect: { value, low, high, photographs }, rank, of, decision }) => ({
      name,
      effect: photographs < 2 ? null : { value, low, high },
      photographs,
      holds: decision.verdict === 'holds',
      note: `rank ${rank} of ${of} classes`,
    })),
  }
}
