import type { Inversion, PresetName, Start, Transforms, ViewInversion, Views, WarpInversion } from './inversion.ts'

/** A named set of parameters: how icons are made, and the layout and grids that belong to them. */
export interface Preset<I extends Inversion = Inversion> {
  readonly inversion: I
  readonly layout: { readonly neighbours: number; readonly minDist: number }
  /** Cells with fewer samples are hidden, but counted. */
  readonly minSamples: number
  /** Cells along an edge. */
  readonly grids: readonly number[]
  readonly description: string
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** ±20°, the smaller the likelier (notebook and recipe). */
const ANGLES = [...range(-20, 20), ...range(-10, 10), ...range(-5, 5), ...range(0, 5).map(() => 0)]

/** Mildly smaller, twice as likely as each of the stronger ones: {.998ⁿ, n = 20 … 39}. */
const SMALLER = range(20, 40).map(n => 0.998 ** n)

/** Of an 80 px icon the network sees 32 to 51 px: each crop shrinks the image (`notebook` of Activation Atlas, Distill 2019). */
const NOTEBOOK: Transforms = {
  pad: 2,
  padValue: 1,
  jitter: [4, 4, 8, 8, 8],
  scales: [...range(-5, 80).map(n => 0.995 ** n), ...SMALLER, ...SMALLER],
  angles: ANGLES,
  lastJitter: 2,
  fit: false,
}

const notebook: WarpInversion = {
  size: 80,
  steps: 512,
  tries: 1,
  batch: 32,
  learningRate: 0.05,
  transforms: NOTEBOOK,
  objective: { kind: 'published', power: 4, whiten: true },
  boundary: false,
  redirect: false,
}

/** Richer colour than lucid's, whose chroma is starved under a relative epsilon, and a little more fine detail. */
const IMAGE: NonNullable<Inversion['image']> = { falloff: 0.9, colour: [1, 1.35, 1.7] }

/** A small view first, then the whole frame: the subject settles in the middle, and the background stays calm. */
const views = (first: Views['views'][number]['size'], until: number, frame: Inversion['size']): Views['views'] => [
  { until, size: first },
  { until: 1, size: frame },
]
const DRAFT_FRAME = { pixels: 96, field: 0.8 } as const
const ATLAS_FRAME = { pixels: 112, field: 0.8 } as const

const atlas: ViewInversion = {
  size: ATLAS_FRAME,
  steps: 96,
  tries: 1,
  batch: 32,
  learningRate: 0.07,
  transforms: {
    views: views({ pixels: 80, field: 0.5 }, 0.45, ATLAS_FRAME),
    zoom: [0.95, 1.15],
    rotation: 15,
    shift: 0.07,
  },
  objective: { kind: 'scale-free', power: 4, centring: 0.8, centred: 'along-mean', saturation: 4, whiten: false },
  image: IMAGE,
  optimizer: { betas: [0.9, 0.999], epsilon: 5, decay: 0.2, warmup: 8, floor: 0.03 },
  boundary: false,
  redirect: false,
}

/** Large steps with little momentum come as near in 24 steps as `atlas` does in some 60. */
const draft: ViewInversion = {
  ...atlas,
  size: DRAFT_FRAME,
  steps: 24,
  learningRate: 0.2,
  transforms: {
    views: views({ pixels: 48, field: 0.5 }, 0.45, DRAFT_FRAME),
    zoom: [0.95, 1.1],
    rotation: 8,
    shift: 0.07,
  },
  objective: { kind: 'scale-free', power: 6, centring: 0.8, centred: 'along-mean', saturation: 2, whiten: false },
  optimizer: { betas: [0.5, 0.95], epsilon: 4, decay: 0.6, warmup: 0, floor: 0.05 },
}

const OURS = { layout: { neighbours: 20, minDist: 0.01 }, minSamples: 4, grids: [10, 20] } as const
const PUBLISHED = { layout: { neighbours: 50, minDist: 0.05 }, grids: [10, 20] } as const

/** The start from photographs, which a build may choose for every preset; no preset has it. */
export const FROM_PHOTOGRAPHS: Start = { kind: 'photographs', crops: 12, blur: 9, minimum: 3 }

/** Presets with the published transforms; our own have views. */
type Published = 'notebook' | 'recipe' | 'article'

/**
 * Our own presets and the three published ones, which disagree. A project names the one that was run and keeps every
 * number of it.
 * - `atlas`: the default; `draft`: the same in 24 large steps; `calm`: low frequencies first, large shapes on calm background.
 * - `notebook`: the article's public notebooks. - `recipe`: lucid's `recipes/activation_atlas`.
 * - `article`: the figures of the article; what it does not publish is as in the notebook.
 */
export const PRESETS: Readonly<
  Record<Exclude<PresetName, Published>, Preset<ViewInversion>> & Record<Published, Preset<WarpInversion>>
> = {
  draft: { ...OURS, inversion: draft, description: '“atlas” in 24 large steps: a first look in seconds.' },
  atlas: {
    ...OURS,
    inversion: atlas,
    description:
      'Whole objects in clean colours, with the highest fidelity: a scale-free objective over the whole frame.',
  },
  calm: {
    ...OURS,
    inversion: {
      ...atlas,
      transforms: { ...atlas.transforms, window: { radius: 0.36, until: 0.45 } },
      image: { ...IMAGE, lowPass: { from: 4, growth: 40, until: 0.4 } },
    },
    description: '“atlas” with low frequencies first: large, simple shapes on a calm background.',
  },
  notebook: {
    ...OURS,
    minSamples: 11,
    inversion: notebook,
    description: 'Published: the article’s notebooks, whitened; bold and small.',
  },
  recipe: {
    ...PUBLISHED,
    minSamples: 6,
    inversion: {
      ...notebook,
      size: 96,
      steps: 128,
      transforms: { ...NOTEBOOK, pad: 16, padValue: 0.5, scales: SMALLER, fit: true },
      objective: { kind: 'published', power: 2, whiten: false },
      boundary: true,
    },
    description: 'Published: lucid’s recipe for atlases; soft, with quiet borders.',
  },
  article: {
    ...PUBLISHED,
    minSamples: 11,
    inversion: { ...notebook, steps: 1024, tries: 4, batch: 100 },
    description: 'Published: the article’s figures; the most steps, and by far the slowest.',
  },
}
