import type { z } from 'zod'
import type { AtlasPlan } from '../../contract/atlas.ts'
import type { AtlasParams } from '../../contract/build.ts'
import { atlasParams } from '../atlas/params.ts'

export type Plan = z.output<typeof AtlasPlan>

/** Maximum number of positions in one photograph. */
const MAX_POSITIONS = 25

/** The parameters of a build that the window plans. @param photographs that the plan's folders hold */
export const paramsOfPlan = (
  { samples, method, neighbours, minDist, metric, ...plan }: Plan,
  photographs: number,
): AtlasParams =>
  atlasParams({
    ...plan,
    positionsPerImage: Math.min(MAX_POSITIONS, Math.ceil(samples / photographs)),
    layout: { method, neighbours, minDist: Math.min(0.99, minDist), metric },
  })
