import { z } from 'zod'
import type { Coverage } from '../../contract/build.ts'
import { Input, inputSize } from '../model/sidecar.ts'
import { coarsest, coverageOf, positionsPerImage, unitAt } from '../sampling/positions.ts'
import { findModel } from '../store/models.ts'
import { findImage } from '../store/photographs.ts'
import { readSamples, type SampleSet } from '../store/samples.ts'
import type { Project } from './project.ts'

const Layers = z.array(z.object({ height: z.int().positive(), width: z.int().positive() })).min(1)

/** Samples that are looked at, at most. */
const LOOKED_AT = 500
/** With fewer samples, that none lies on the edge may be chance. */
const ENOUGH = 20

/**
 * How much of the frame the samples of a set can lie in. A set does not record whether its positions include the edge: its
 * samples show it. Null where that is not known: of few samples, of photographs of unknown size, or of a model that has gone.
 */
export const coverageOfSet = (project: Project, set: SampleSet): Coverage | null =>
  project.cached(
    `coverage ${set.id} ${set.n}`,
    () => coverageIn(project, set),
    () => 1,
  )

function coverageIn({ db }: Project, set: SampleSet): Coverage | null {
  const layers = Layers.safeParse(findModel(db, set.model)?.layers)
  const input = set.input === null ? undefined : Input.safeParse(JSON.parse(set.input))
  if (!layers.success || !input?.success || set.n < ENOUGH) return null
  const extent = coarsest(layers.data)
  const { height: high, width: wide } = inputSize(input.data)
  let edge = false
  for (const { image, v, u } of readSamples(db, set.id, 0, LOOKED_AT)) {
    const found = findImage(db, image)
    if (found?.status !== 'ok') return null
    // Positions are stored relative to the photograph; of one that is cropped the network sees the middle.
    const factor = Math.max(wide / found.width, high / found.height)
    const crops = input.data.resize === 'crop'
    const [across, down] = crops ? [wide / factor / found.width, high / factor / found.height] : [1, 1]
    const { y, x } = unitAt({ v: (v - (1 - down) / 2) / down, u: (u - (1 - across) / 2) / across }, extent)
    if (y <= 0 || x <= 0 || y >= extent.height - 1 || x >= extent.width - 1) edge = true
  }
  const excludes = positionsPerImage(extent, 'exclude') < positionsPerImage(extent, 'include')
  return coverageOf(extent, edge || !excludes ? 'include' : 'exclude', set.perImage)
}
