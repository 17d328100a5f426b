import type { z } from 'zod'
import type { AtlasPlan } from '../../contract/atlas.ts'
import { type AtlasParams, MAX_POSITIONS } from '../../contract/build.ts'
import { alignedTensors, atlasParams } from '../atlas/params.ts'
import type { Classifier } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'

export type Plan = z.output<typeof AtlasPlan>

/** The parameters of a build that the window plans. @param photographs that the plan's folders hold */
export const paramsOfPlan = (
  { samples, method, neighbours, minDist, metric, align, ...plan }: Plan,
  photographs: number,
  classifier: Classifier,
): AtlasParams => {
  const layers = plan.layers.map(name => findLayer(classifier, name))
  const aligned = align ? alignedTensors(classifier, layers) : undefined
  return atlasParams({
    ...plan,
    positionsPerImage: Math.min(MAX_POSITIONS, Math.ceil(samples / photographs)),
    layout: { method, neighbours, minDist: Math.min(0.99, minDist), metric, aligned },
  })
}
