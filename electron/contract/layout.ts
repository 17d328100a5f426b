import { z } from 'zod'

export const Metric = z.enum(['cosine', 'euclidean'])
export type Metric = z.infer<typeof Metric>

/** The maximum number of samples of a layout by t-SNE. That of UMAP depends on the number of neighbours, and is in the millions. */
export const MAX_TSNE_SAMPLES = 150_000

/** UMAP's epochs of layers that are laid out together; of a layer by itself see `umapEpochs`. */
export const UMAP_EPOCHS = 500

/** Epochs up to `MANY` samples; of more so many that n · epochs stays the same, but not below `UMAP_EPOCHS`. */
const MOST_EPOCHS = 1_500
const MANY = 30_000

/**
 * UMAP's epochs by the number of samples. With the 200 that umap-js and umap-learn take above 7,500 or 10,000 samples, layouts of
 * two seeds share a fifth of their neighbourhoods; with more epochs they share more, though their forms need
 * not agree (docs/method.md).
 */
export const umapEpochs = (samples: number): number =>
  Math.max(UMAP_EPOCHS, Math.min(MOST_EPOCHS, Math.round((MOST_EPOCHS * MANY) / Math.max(1, samples))))

/** Parameters of a layout. With the samples and a seed this determines every coordinate. */
export const LayoutParams = z.strictObject({
  method: z.enum(['umap', 'tsne']).default('umap'),
  /** UMAP's number of neighbours, the sample itself included, as umap-learn counts. */
  neighbours: z.int().min(2).max(500).default(20),
  /** UMAP's minimum distance between neighbours in the layout, for a spread of 1. */
  minDist: z.number().min(0).max(0.99).default(0.01),
  metric: Metric.default('cosine'),
  /**
   * Passes over the graph (UMAP) or gradient steps (t-SNE: 1,000 unless given). `by size`: `umapEpochs`, as of new UMAP
   * layouts. Those of earlier versions name 500, or none where they were made with 200 to 500 by the number of samples.
   */
  epochs: z.union([z.int().min(1).max(10_000), z.literal('by size')]).optional(),
  /** t-SNE's effective number of neighbours; 30 unless given. */
  perplexity: z.number().min(1).max(500).optional(),
  /** UMAP's first step (1 unless given) or t-SNE's (n / 48, at least 50, unless given). */
  learningRate: z.number().positive().optional(),
  dimensions: z.union([z.literal(1), z.literal(2)]).default(2),
  /** Tensors of the layers that are laid out together, in the network's order, by UMAP only; without: each by itself. */
  aligned: z.array(z.string()).min(2).readonly().optional(),
})
export type LayoutParams = z.infer<typeof LayoutParams>

/** The parameters of a new layout, completed. Stored ones are parsed by `LayoutParams`, which leaves them as they were. */
export function newLayout(given: z.input<typeof LayoutParams>): LayoutParams {
  const params = LayoutParams.parse(given)
  if (params.method !== 'umap') return params
  return { ...params, epochs: params.epochs ?? (params.aligned ? UMAP_EPOCHS : 'by size') }
}

const Estimated = z
  .object({
    value: z.number(),
    /** 0 where all samples were checked; null where an earlier version did not record it. */
    standardError: z.number().nullable(),
  })
  .readonly()

/** How far a layout keeps the neighbourhoods of activation space. */
export const LayoutQuality = z
  .object({
    /** In [0, 1]: are neighbours on the map similar? About ½ for a layout that is independent of the samples. */
    trustworthiness: Estimated,
    /** Share of each sample's k nearest in activation space that are among its k nearest in the layout. */
    preservation: Estimated.nullable(),
    /** Neighbours of each sample. */
    k: z.int().min(1),
    /** Samples whose neighbours were checked among all `of`. */
    checked: z.int().min(1),
    of: z.int().min(1),
  })
  .readonly()
export type LayoutQuality = z.infer<typeof LayoutQuality>

const percent = (share: number): string => `${Math.round(100 * share)} %`
const rounded = ({ value, standardError }: z.infer<typeof Estimated>, digits: number): string =>
  standardError === null || standardError === 0
    ? value.toFixed(digits)
    : `${value.toFixed(digits)} ± ${standardError.toFixed(digits)}`

/** `trustworthiness 0.882 ± 0.002, 16 % of the 15 nearest neighbours preserved`: for captions; ± is the standard error. */
export function qualityText({ trustworthiness, preservation, k }: LayoutQuality): string {
  const kept = preservation === null ? '' : `, ${percent(preservation.value)} of the ${k} nearest neighbours preserved`
  return `trustworthiness ${rounded(trustworthiness, 3)}${kept}`
}

/** How the numbers of `qualityText` were found, as a sentence. */
export function qualitySource({ preservation, checked, of }: LayoutQuality): string {
  const all = checked === of
  const error = preservation?.standardError
  return (
    `Measured on ${all ? 'all' : `${checked.toLocaleString('en')} of`} ${of.toLocaleString('en')} samples` +
    (all
      ? '.'
      : error == null
        ? '; its error was not recorded.'
        : `; the standard error of the neighbours preserved is ${error.toFixed(3)}.`)
  )
}

/**
 * What to know when choosing. Measured on 10,000 samples of mixed4c: UMAP keeps .16 of the 15 nearest neighbours, t-SNE
 * .31.
 */
export const METHOD_TRADE_OFF: Readonly<Record<LayoutParams['method'], string>> = {
  umap: 'Keeps about a sixth of each sample’s nearest neighbours (t-SNE: almost a third), but more of the distances between clusters.',
  tsne: 'Keeps almost a third of each sample’s nearest neighbours (UMAP: about a sixth); distances between clusters mean little.',
}

/** What to know when choosing aligned layouts. */
export const ALIGN_TRADE_OFF =
  'Aligned (UMAP, two layers or more): the same photograph and position lie near each other in all layers; each layer keeps its neighbourhoods almost as well.'
