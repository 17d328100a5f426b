import { z } from 'zod'
import { type Inversion, type PresetName, PresetNameSchema } from '../../contract/inversion.ts'
import { PRESETS } from '../../contract/presets.ts'
import { iconKey } from '../atlas/cells.ts'
import { iconContext, storedIcon } from '../atlas/icons.ts'
import { decodeImage } from '../images/decode.ts'
import { encodeWebp } from '../images/encode.ts'
import { type ImageFile, readImage } from '../images/read.ts'
import { Inverter } from '../inversion/invert.ts'
import { meanOf, withAvailable } from '../inversion/statistics.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { hasIcon, putIcons } from '../store/icons.ts'
import type { Writable } from '../store/sql.ts'
import { activationGrid } from './positions.ts'

/** The kind of a job that inverts every position of one photograph. */
export const IMAGE_GRID = 'image grid'

/** The parameters of the job: absolute paths. */
export const GridJob = z.object({
  model: z.string(),
  /** Key of the model's classifier in the project; jobs of earlier versions have none. */
  classifier: z.string().optional(),
  image: z.string(),
  /** SHA-256 of the photograph. */
  hash: z.string().optional(),
  layer: z.string(),
  preset: PresetNameSchema,
  seed: z.int().min(0),
})
export type GridJob = z.infer<typeof GridJob>

/** Icons per batch: few, so that the first are finished soon. */
const BATCH = 16

/**
 * The inversion of the positions of one photograph: that of the preset without whitening, because one photograph has no
 * second moment (Building Blocks of Interpretability, Distill 2018, did not whiten). If the objective subtracts the mean
 * activation, it is that of the photograph's positions.
 */
const gridInversion = (preset: PresetName): Inversion =>
  withAvailable({ ...PRESETS[preset].inversion, batch: BATCH }, { moment: false, mean: true })

/** @returns [height · width, channels], the activations of a photograph at every position of a layer */
export async function gridDirections(
  classifier: Classifier,
  runtime: Runtime,
  layer: Layer,
  image: ImageFile,
): Promise<Float32Array> {
  const { size, resize } = classifier.preprocessing
  const { rgb } = await decodeImage(image, { size, resize })
  return activationGrid(classifier, runtime, layer, rgb)
}

/** Keys of the icons of every position, row by row. A position without activation has a key as well. */
export const gridKeys = (
  classifier: Classifier,
  layer: Layer,
  directions: Float32Array,
  { preset, seed }: Pick<GridJob, 'preset' | 'seed'>,
): readonly string[] => {
  const statistics = { mean: meanOf(directions, layer.channels) }
  const context = iconContext(classifier, layer, { inversion: gridInversion(preset), seed }, statistics)
  return Array.from({ length: layer.height * layer.width }, (_, at) =>
    iconKey(context, directions.slice(at * layer.channels, (at + 1) * layer.channels)),
  )
}

/**
 * Positions in the order of inversion: every fourth in both directions, then every second, then all. Of 14 × 14 the first
 * are 16, spread over the photograph.
 */
export const coarseToFine = (height: number, width: number): readonly number[] => {
  const level = (at: number): number => (at % 4 === 1 ? 0 : at % 2 === 1 ? 1 : 2)
  return Array.from({ length: height * width }, (_, at) => at).sort((a, b) => {
    const rank = (at: number): number => Math.max(level(Math.floor(at / width)), level(at % width))
    return rank(a) - rank(b) || a - b
  })
}

/** Inverts the missing positions of a photograph's grid. The body of a job. */
export async function makeGrid(
  db: Writable,
  order: GridJob,
  classifier: Classifier,
  job: JobContext,
  runtime: Runtime,
): Promise<void> {
  const { image, hash, preset, seed } = order
  const layer = findLayer(classifier, order.layer)
  const directions = await gridDirections(classifier, runtime, layer, await readImage(image, hash))
  const keys = gridKeys(classifier, layer, directions, { preset, seed })
  const missing = (): number[] => {
    const seen = new Set<string>()
    return coarseToFine(layer.height, layer.width).filter(at => {
      const key = keys[at]!
      if (seen.has(key) || hasIcon(db, key)) return false
      seen.add(key)
      return true
    })
  }
  await job.stage({
    name: `${layer.name}: positions`,
    existing: () => (missing().length === 0 ? true : undefined),
    compute: async ({ signal, report, continues }) => {
      const left = missing()
      const all = new Set(keys).size
      if (left.length < all) continues()
      const inverter = await Inverter.create(classifier, runtime, layer, gridInversion(preset))
      const { inversion } = inverter
      const mean = meanOf(directions, layer.channels)
      const reportDone = (done: number): void =>
        report({ stage: `${layer.name}: positions`, done, total: all, unit: 'icons' })
      try {
        for (let from = 0; from < left.length; from += inverter.batch) {
          reportDone(all - left.length + from)
          const part = left.slice(from, from + inverter.batch)
          const rows = new Float32Array(part.length * layer.channels)
          for (const [row, at] of part.entries())
            rows.set(directions.subarray(at * layer.channels, (at + 1) * layer.channels), row * layer.channels)
          const icons = await inverter.invert(rows, { seed, mean, signal })
          const webps = await Promise.all(icons.map(({ rgb, size }) => encodeWebp({ rgb, width: size, height: size })))
          putIcons(
            db,
            icons.map((icon, row) => storedIcon(keys[part[row]!]!, icon, { preset, inversion, seed }, webps[row]!)),
          )
        }
      } finally {
        await inverter.release()
      }
      reportDone(all)
      return true
    },
  })
}
