import { z } from 'zod'
import { PoolDerivative } from '../../contract/build.ts'
import { type ClassAtlasPlan, type ClassLayout, MinSamples } from '../../contract/class-atlas.ts'
import { SampleFilter } from '../../contract/class-selection.ts'
import type { ComparisonPlan } from '../../contract/comparison.ts'
import { type Inversion, InversionSchema, RecordedPreset } from '../../contract/inversion.ts'
import { LayoutParams, newLayout } from '../../contract/layout.ts'
import { PRESETS } from '../../contract/presets.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { stored } from '../store/json.ts'
import { contentKey, keyForm } from '../store/keys.ts'

/** The kinds of the jobs of class atlases and comparisons; their parameters are the two schemas below. */
export const CLASS_ATLAS = 'class atlas'
export const COMPARISON = 'comparison'

const common = {
  layer: z.string(),
  filter: SampleFilter,
  grids: z.array(z.int().min(1).max(320)).min(1),
  minSamples: MinSamples,
  layout: LayoutParams,
  layoutSeed: z.int().min(0),
  attribution: PoolDerivative,
  ridge: z.number().min(0),
  preset: RecordedPreset,
  inversion: InversionSchema,
  /** Seed of the icons. */
  seed: z.int().min(0),
}
const ClassParams = z.object({ ...common, kind: z.literal('class'), class: z.int().min(0) })
const ComparisonParams = z.object({
  ...common,
  kind: z.literal('comparison'),
  left: z.int().min(0),
  right: z.int().min(0),
})
/** The parameters of a class atlas or a comparison, apart from the model and the samples. */
export const ClassAtlasParams = z.discriminatedUnion('kind', [ClassParams, ComparisonParams])
export type ClassAtlasParams = z.infer<typeof ClassAtlasParams>

/** The parameters of such a job. */
export const ClassAtlasJob = z.object({
  /** Path of the model of the samples, and the key of its classifier, which earlier versions did not store. */
  model: z.string(),
  classifier: z.string().optional(),
  /** Key of the sample set. */
  samples: z.string(),
  /** Key of the full atlas that the plan is based on. */
  base: z.string(),
  params: ClassAtlasParams,
})
export type ClassAtlasJob = z.infer<typeof ClassAtlasJob>

/**
 * Key of the request. The base atlas represents model and layer, also if the layer is renamed. The number is the version of
 * the method: 3 is the first of comparisons whose axis is cross-fitted.
 */
export const planKey = ({ samples, base, params }: ClassAtlasJob): string => {
  const { layer: _, ...others } = ClassAtlasParams.parse(params)
  return contentKey({ plan: params.kind === 'class' ? 2 : 3, samples, base, params: JSON.stringify(keyForm(others)) })
}

/** The key of an earlier version. */
export const earlierPlanKey = ({ samples, base, params }: ClassAtlasJob): string =>
  contentKey({ plan: 1, samples, base, params: JSON.stringify(keyForm(ClassAtlasParams.parse(params))) })

/** The line of a comparison: t-SNE as in the published notebook. Its learning rate follows from the number of samples. */
export const ALONG_LINE: LayoutParams = LayoutParams.parse({
  method: 'tsne',
  perplexity: 50,
  metric: 'cosine',
  dimensions: 1,
})

/** The stored parameters of an atlas's inversion and whitening. */
const StoredPreset = z.object({ name: RecordedPreset, seed: z.int().min(0) }).and(InversionSchema)
const StoredWhitening = z.object({ ridge: z.number().min(0) })

type Common = Pick<ClassAtlasPlan, 'filter' | 'grids' | 'minSamples' | 'layoutSeed' | 'preset' | 'steps'>

function commonParams(base: AtlasRecord, { filter, grids, minSamples, layoutSeed, preset, steps }: Common) {
  const { name, seed, ...inversion } = stored(StoredPreset, base.preset, `the preset of ${base.name}`)
  // From noise, also where the full atlas starts from photographs: the cells of a class are of few.
  const { start: _, ...chosen }: Inversion =
    preset === null ? stored(InversionSchema, inversion, `the preset of ${base.name}`) : PRESETS[preset].inversion
  return {
    layer: base.layer,
    filter,
    grids: [...new Set(grids)].sort((a, b) => a - b),
    minSamples,
    layoutSeed,
    attribution: base.attribution,
    ridge: stored(StoredWhitening, base.whitening, `the whitening of ${base.name}`).ridge,
    preset: preset ?? name,
    inversion: { ...chosen, steps: steps ?? chosen.steps },
    seed,
  }
}

/** A plan, completed from its base atlas. */
export const classParams = (
  base: AtlasRecord,
  plan: Common & { class: number; layout: ClassLayout },
): ClassAtlasParams => ({
  ...commonParams(base, plan),
  kind: 'class',
  class: plan.class,
  layout: newLayout(plan.layout),
})

/** The class with the smaller index is the left one: so a comparison does not depend on the order of its classes. */
export const comparisonParams = (
  base: AtlasRecord,
  plan: Common & Pick<ComparisonPlan, 'left' | 'right'>,
): ClassAtlasParams => ({
  ...commonParams(base, plan),
  kind: 'comparison',
  left: Math.min(plan.left, plan.right),
  right: Math.max(plan.left, plan.right),
  layout: ALONG_LINE,
})
