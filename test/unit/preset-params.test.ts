import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
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
  const fromWindow = paramsOfPlan(
    {
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
  )

  it('is the same in the window and on the command line', () => {
    const options = Options.parse({
      preset,
      layers: [layer!.name],
      seed: '3',
      layoutSeed: '4',
      method: 'umap',
      attribution: 'exact',
      ridge: '0.001',
    })
    expect(chosenParams(classifier, options, 3).params).toEqual(fromWindow)
  })

  it('brings its inversion, its layout and its minimum number of samples', () => {
    expect(fromWindow).toMatchObject({ preset, inversion, layout, least: minSamples, grids })
  })
})
