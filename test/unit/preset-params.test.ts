import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PresetNameSchema, StartKind } from '../../electron/contract/inversion.ts'
import { LayoutParams, umapEpochs } from '../../electron/contract/layout.ts'
import { FROM_PHOTOGRAPHS, PRESETS } from '../../electron/contract/presets.ts'
import { atlasParams } from '../../electron/engine/atlas/params.ts'
import { atlasOptions, chosenParams, layoutOptions } from '../../electron/engine/cli/atlas-params.ts'
import { paramsOfPlan } from '../../electron/engine/rpc/plan.ts'
import { withPreset } from '../../renderer/app/plan.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { inception } from '../fixtures/networks.ts'

const Options = z.object({ ...atlasOptions, ...layoutOptions })
const classifier = classifierFrom(inception())
const [layer] = classifier.layers

describe.each(PresetNameSchema.options)('the preset %s', preset => {
  const { inversion, layout, minSamples, grids } = PRESETS[preset]
  const fromWindow = (start?: StartKind) =>
    paramsOfPlan(
      {
        ...(start && { start }),
        ...withPreset(preset),
        name: 'a map',
        model: classifier.hash,
        folders: [1],
        layers: [layer!.name],
        samples: 300,
        grids,
        seed: 3,
        method: 'umap',
        metric: 'cosine',
        layoutSeed: 4,
      },
      100,
      classifier,
    )

  it.each(StartKind.options)('is the same in the window and on the command line, from %s', start => {
    const options = Options.parse({
      preset,
      start,
      layers: [layer!.name],
      seed: '3',
      layoutSeed: '4',
      method: 'umap',
      attribution: 'exact',
      ridge: '0.001',
    })
    expect(chosenParams(classifier, options, 3).params).toEqual(fromWindow(start))
  })

  it('brings its inversion, its layout and its minimum number of samples', () => {
    expect(fromWindow()).toMatchObject({ preset, inversion, layout, minSamples, grids })
    // No preset starts from photographs by itself.
    expect(fromWindow().inversion).not.toHaveProperty('start')
    expect(fromWindow('photographs').inversion).toEqual({ ...inversion, start: FROM_PHOTOGRAPHS })
  })
})

describe('the epochs of UMAP', () => {
  const choice = { preset: 'atlas', layers: ['a'], positionsPerImage: 1, seed: 0, layoutSeed: 0 } as const

  it('are enough for any number of samples in a new layout, and named in its parameters', () => {
    expect(atlasParams(choice).layout.epochs).toBe('by size')
    expect(atlasParams({ ...choice, layout: { aligned: ['a', 'b'] } }).layout.epochs).toBe(500)
    expect([10, 30_000, 60_000, 90_000, 1e6].map(umapEpochs)).toEqual([1500, 1500, 750, 500, 500])
    expect(atlasParams({ ...choice, layout: { epochs: 30 } }).layout.epochs).toBe(30)
    expect(atlasParams({ ...choice, layout: { method: 'tsne' } }).layout.epochs).toBeUndefined()
  })

  it('are not added to the parameters of a stored layout, which keeps its positions', () => {
    expect(LayoutParams.parse({ method: 'umap' }).epochs).toBeUndefined()
  })
})
