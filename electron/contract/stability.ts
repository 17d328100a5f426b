import { z } from 'zod'
import { Float32s, Seed } from './values.ts'

/** Layouts that are compared unless another number is given, the one that is shown included. */
export const STABILITY_SEEDS = 3
/** The maximum: neighbours kept over all layouts are counted in a byte. */
export const MAX_STABILITY_SEEDS = 10

/** How far a layout depends on its seed: it is compared with layouts of the same samples and parameters by other seeds. */
export const LayoutStability = z
  .object({
    /** That of the layout itself first. */
    seeds: z.array(Seed).min(2).max(MAX_STABILITY_SEEDS).readonly(),
    /** Neighbours of each sample on a map. */
    k: z.int().min(1).max(15),
    /** Mean share of each sample's k nearest on the map that are among its k nearest in a layout of another seed. */
    kept: z.number().min(0).max(1),
    /** That share in a layout that has nothing to do with the map. */
    chance: z.number().min(0).max(1),
    pairs: z
      .array(
        z
          .object({
            seeds: z.tuple([Seed, Seed]).readonly(),
            /** Procrustes distance, from 0 (the same form) to 1. */
            procrustes: z.number().min(0).max(1),
            /** Mean share of each sample's k nearest in one layout that are among its k nearest in the other. */
            shared: z.number().min(0).max(1),
          })
          .readonly(),
      )
      .readonly(),
    /** The layout was made by an earlier version: a part of the differences to it may be due to its method. */
    earlier: z.boolean(),
  })
  .readonly()
export type LayoutStability = z.infer<typeof LayoutStability>

/** The parameters of the job that measures stability. */
export const StabilityJob = z.object({
  /** Key of the layout. */
  layout: z.string(),
  seeds: z.int().min(2).max(MAX_STABILITY_SEEDS),
})
export type StabilityJob = z.infer<typeof StabilityJob>

/** The stability of the cells of a grid. */
export const CellStability = z
  .object({
    /** [cells], means over the samples of each, in the order of Cells: the share of map neighbours that is kept. */
    kept: Float32s,
  })
  .readonly()
export type CellStability = z.infer<typeof CellStability>

/** `38 %`, below 1 % with a decimal: `0.1 %`. */
export const shareText = (share: number): string =>
  `${share === 0 || share >= 0.01 ? Math.round(100 * share) : (100 * share).toPrecision(1)} %`

const others = ({ seeds }: LayoutStability): string =>
  seeds.length === 2 ? 'a layout of another seed' : `layouts of ${seeds.length - 1} other seeds`

/** `38 % of the 15 nearest neighbours on the map kept in layouts of 2 other seeds (chance 0.5 %)`: for captions. */
export const stabilityText = (stability: LayoutStability): string =>
  `${shareText(stability.kept)} of the ${stability.k} nearest neighbours on the map kept in ${others(stability)} (chance ${shareText(stability.chance)})`

/** How far the layouts differ as a whole, as sentences. */
export function stabilityNote({ pairs, earlier }: LayoutStability): string {
  const distances = pairs.map(({ procrustes }) => procrustes)
  const [from, to] = [Math.min(...distances).toFixed(3), Math.max(...distances).toFixed(3)]
  return (
    `Procrustes distance between the layouts ${from === to ? from : `${from} to ${to}`} (0: the same form, 1: none in common).` +
    (earlier ? ' An earlier version made this layout: a part of the difference may be due to its method.' : '')
  )
}

/** The stability of one cell in words, beside that of its map. */
export const cellStabilityText = (kept: number, map: LayoutStability): string =>
  `Its samples keep ${shareText(kept)} of their ${map.k} nearest neighbours on the map in ${others(map)}; ` +
  `on average over the map ${shareText(map.kept)}, by chance ${shareText(map.chance)}.`
