import type { z } from 'zod'
import type { AtlasPlan } from '../../contract/atlas.ts'
import type { AtlasParams } from '../../contract/build.ts'
import type { Inversion } from '../../contract/inversion.ts'
import { LayoutParams } from '../../contract/layout.ts'
import { PRESET_INFO } from '../../contract/presets.ts'
import { PRESETS } from '../inversion/presets.ts'

export type Plan = z.output<typeof AtlasPlan>

/** Positions in one photograph, at most. */
const MOST_POSITIONS = 25

/** What the window plans, completed from its preset. @param photographs that the plan's folders hold */
export const paramsOfPlan = (plan: Plan, photographs: number): AtlasParams => {
  const preset: Inversion = PRESETS[plan.preset]
  return {
    layers: [...plan.layers],
    positionsPerImage: Math.min(MOST_POSITIONS, Math.ceil(plan.samples / photographs)),
    seed: plan.seed,
    layout: LayoutParams.parse({
      method: plan.method,
      neighbours: plan.neighbours,
      minDist: Math.min(0.99, plan.minDist),
      metric: plan.metric,
    }),
    layoutSeed: plan.layoutSeed,
    grids: [...plan.grids].sort((a, b) => a - b),
    least: PRESET_INFO[plan.preset].least,
    attribution: 'exact',
    ridge: 1e-3,
    preset: plan.preset,
    inversion: { ...preset, steps: plan.steps ?? preset.steps },
  }
}
