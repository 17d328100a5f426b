import type { AtlasParams } from '../../contract/build.ts'
import type { PresetName, StartKind } from '../../contract/inversion.ts'
import { type LayoutParams, newLayout } from '../../contract/layout.ts'
import { FROM_PHOTOGRAPHS, PRESETS } from '../../contract/presets.ts'
import type { Classifier, Layer } from '../model/classifier.ts'

/** The user's choices for an atlas; the preset supplies the rest. */
interface AtlasChoice {
  readonly preset: PresetName
  /** Layers to build, by name. */
  readonly layers: readonly string[]
  readonly positionsPerImage: number
  readonly border?: AtlasParams['border'] | undefined
  /** Seed of positions and icons. */
  readonly seed: number
  readonly layoutSeed: number
  readonly layout?: { readonly [K in keyof LayoutParams]?: LayoutParams[K] | undefined } | undefined
  readonly grids?: readonly number[] | 'auto' | undefined
  readonly minSamples?: number | undefined
  readonly steps?: number | undefined
  /** What icons start from; noise by default. */
  readonly start?: StartKind | undefined
  readonly attribution?: AtlasParams['attribution'] | undefined
  readonly ridge?: number | undefined
}

/** Ridge of the whitening in the article's notebooks, as a fraction of the mean diagonal of the second moment. */
export const RIDGE = 1e-3

/** The parameters of a build: the user's choices completed from the preset, for window and command line. */
export function atlasParams(choice: AtlasChoice): AtlasParams {
  const { inversion, layout, minSamples, grids } = PRESETS[choice.preset]
  const chosen = Object.fromEntries(Object.entries(choice.layout ?? {}).filter(([, value]) => value !== undefined))
  return {
    layers: [...choice.layers],
    positionsPerImage: choice.positionsPerImage,
    ...(choice.border === 'include' && { border: choice.border }),
    seed: choice.seed,
    layout: newLayout({ ...layout, ...chosen }),
    layoutSeed: choice.layoutSeed,
    grids: choice.grids === 'auto' ? 'auto' : [...(choice.grids ?? grids)].sort((a, b) => a - b),
    minSamples: choice.minSamples ?? minSamples,
    attribution: choice.attribution ?? 'exact',
    ridge: choice.ridge ?? RIDGE,
    preset: choice.preset,
    inversion: {
      ...inversion,
      steps: choice.steps ?? inversion.steps,
      ...(choice.start === 'photographs' && { start: FROM_PHOTOGRAPHS }),
    },
  }
}

/** The tensors of layers that are laid out together, in the order of the network, each once. */
export function alignedTensors(
  classifier: Pick<Classifier, 'layers'>,
  layers: readonly Pick<Layer, 'tensor'>[],
): string[] {
  const chosen = new Set(layers.map(({ tensor }) => tensor))
  return classifier.layers.map(({ tensor }) => tensor).filter(tensor => chosen.has(tensor))
}
