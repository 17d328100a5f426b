import { z } from 'zod'

export const Metric = z.enum(['cosine', 'euclidean'])
export type Metric = z.infer<typeof Metric>

/** Parameters of a layout. With the samples and a seed this determines every coordinate. */
export const LayoutParams = z.strictObject({
  method: z.enum(['umap', 'tsne']).default('umap'),
  /** UMAP's number of neighbours, the sample itself included, as umap-learn counts. */
  neighbours: z.int().min(2).max(500).default(20),
  /** UMAP's minimum distance between neighbours in the layout, for a spread of 1. */
  minDist: z.number().min(0).max(0.99).default(0.01),
  metric: Metric.default('cosine'),
  /** Passes over the graph (UMAP: 200 to 500 by size unless given) or gradient steps (t-SNE: 1,000). */
  epochs: z.int().min(1).max(10_000).optional(),
  /** t-SNE's effective number of neighbours; 30 unless given. */
  perplexity: z.number().min(1).max(500).optional(),
  /** UMAP's first step (1 unless given) or t-SNE's (n / 48, at least 50, unless given). */
  learningRate: z.number().positive().optional(),
  dimensions: z.union([z.literal(1), z.literal(2)]).default(2),
})
export type LayoutParams = z.infer<typeof LayoutParams>
