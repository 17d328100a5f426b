import type { Command } from 'commander'
import { z } from 'zod'
import { type AtlasParams, PoolDerivative } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { PresetNameSchema, StartKind } from '../../contract/inversion.ts'
import { type LayoutParams, Metric } from '../../contract/layout.ts'
import { alignedTensors, atlasParams, RIDGE } from '../atlas/params.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'
import { choice, collected, LIST_ESCAPE, list, numbers, wholeNumber } from './options.ts'

const number = (min: number, max: number) => {
  const message = `takes a number from ${min} to ${max}`
  return z.string().transform(Number).pipe(z.number(message).min(min, message).max(max, message))
}

/** Options that the result of a build depends on, and their schemas. */
export const atlasOptions = {
  layers: list.optional(),
  grid: z
    .union(
      [
        z.tuple([z.literal('auto')]).transform(() => 'auto' as const),
        numbers(
          z
            .string()
            .regex(/^[1-9]\d*$/)
            .transform(Number),
        ),
      ],
      'takes numbers such as 10,20, or auto',
    )
    .optional(),
  minSamples: wholeNumber(1).optional(),
  preset: choice(PresetNameSchema.options),
  steps: wholeNumber(1, 16_384).optional(),
  start: choice(StartKind.options),
  seed: wholeNumber(0),
  attribution: choice(PoolDerivative.options),
  ridge: number(0, 10),
}
export const layoutOptions = {
  method: choice(['umap', 'tsne']),
  neighbours: wholeNumber(2, 500).optional(),
  minDist: number(0, 0.99).optional(),
  metric: choice(Metric.options).optional(),
  perplexity: number(1, 500).optional(),
  layoutSeed: wholeNumber(0),
  align: z.boolean().optional(),
}

export const withAtlasOptions = (command: Command): Command =>
  command
    .option(
      '--layers <list>',
      `layers to build, such as mixed3b,mixed4c,mixed5b (default: all layers of the sidecar); ${LIST_ESCAPE}`,
      collected,
    )
    .option(
      '--grid <list>',
      "cells per edge, such as 10,20 (the preset's by default); auto: 10, 20, 40 … 320 while half of the samples are in shown cells",
      collected,
    )
    .option('--min-samples <n>', "hide cells with fewer samples (the preset's by default)")
    .option('--preset <name>', `inversion preset: ${PresetNameSchema.options.join(', ')}`, 'atlas')
    .option('--steps <n>', "optimisation steps (the preset's by default)")
    .option(
      '--start <what>',
      `what icons start from: ${StartKind.options.join(', ')}; photographs: the blurred mean of 12 crops behind the cell`,
      'noise',
    )
    .option('--seed <n>', 'seed of positions and icons', '0')
    .option('--attribution <derivative>', `gradient of max-pooling: ${PoolDerivative.options.join(', ')}`, 'exact')
    .option('--ridge <share>', 'regularisation of the whitening matrix', String(RIDGE))

export const withLayoutOptions = (command: Command): Command =>
  command
    .option(
      '--method <name>',
      'layout: umap or tsne, which keeps almost twice as many nearest neighbours (0.31 against 0.16 of 15 at 10,000 samples of mixed4c)',
      'umap',
    )
    .option('--neighbours <k>', "UMAP n_neighbors (the preset's by default)")
    .option('--min-dist <d>', "UMAP min_dist (the preset's by default)")
    .option('--metric <name>', 'cosine or euclidean (cosine by default)')
    .option('--perplexity <p>', 't-SNE perplexity')
    .option('--layout-seed <n>', 'seed of the layout', '0')
    .option('--align', 'lay the layers out together (UMAP), so that a sample appears in the same place in each')

type Given = z.output<z.ZodObject<typeof atlasOptions & typeof layoutOptions>>

/** The parameters of a build, completed from its preset. */
export function chosenParams(
  classifier: Classifier,
  { layers: names, grid, minSamples, method, neighbours, minDist, metric, perplexity, align, ...given }: Given,
  positionsPerImage: number,
  border?: AtlasParams['border'],
): { readonly layers: readonly Layer[]; readonly params: AtlasParams } {
  const layers = names?.map(name => findLayer(classifier, name)) ?? classifier.layers
  const together = align ? aligned(classifier, layers, method) : undefined
  const layout = { method, neighbours, minDist, metric, perplexity, aligned: together }
  const chosen = { ...given, positionsPerImage, border, layout, grids: grid, minSamples }
  return { layers, params: atlasParams({ ...chosen, layers: layers.map(layer => layer.name) }) }
}

/** @throws UserError when the layers cannot be laid out together */
function aligned(classifier: Classifier, layers: readonly Layer[], method: LayoutParams['method']): readonly string[] {
  const tensors = alignedTensors(classifier, layers)
  if (method !== 'umap') throw new UserError('--align needs UMAP: leave out --method, or --align', { exitCode: 2 })
  if (tensors.length < 2)
    throw new UserError('--align needs at least two layers: name several with --layers, or leave it out', {
      exitCode: 2,
    })
  return tensors
}
