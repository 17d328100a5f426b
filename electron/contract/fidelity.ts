import { z } from 'zod'

/** Finished icons of a grid, and how much nearer they are to their own direction than to those of other cells. */
export const FidelitySummary = z
  .object({
    /** Icons whose activation is known, of the finished ones. */
    icons: z.int().min(0),
    of: z.int().min(0),
    /** Directions that each is compared with, its own included: the shown cells. */
    cells: z.int().min(0),
    /** Means over the icons; null without any. `chance` is the cosine with the directions of all other cells. */
    fidelity: z.number().nullable(),
    chance: z.number().nullable(),
    /** Icons whose own direction is the nearest. */
    nearest: z.int().min(0),
  })
  .readonly()
export type FidelitySummary = z.infer<typeof FidelitySummary>

/** The fidelity of one icon beside that for other cells' directions of its grid. */
export const FidelityRank = z
  .object({
    /** Mean cosine between the icon's activation and the directions of all other shown cells; null without any. */
    chance: z.number().nullable(),
    /** Of its own direction among those of all shown cells by that cosine: 1 is nearest. */
    rank: z.int().min(1),
    cells: z.int().min(1),
  })
  .readonly()
export type FidelityRank = z.infer<typeof FidelityRank>

/** `own direction ranks 3 of 150`. */
export const rankText = ({ rank, cells }: Pick<FidelityRank, 'rank' | 'cells'>): string =>
  `own direction ranks ${rank} of ${cells}`

/** `mean fidelity 0.52, to other cells' directions 0.31; 17 % of 268 icons nearest to their own direction`. */
export function fidelityText({ icons, of, fidelity, chance, nearest }: FidelitySummary): string {
  if (icons === 0 || fidelity === null) return 'the fidelity of the icons is not known yet'
  const known = icons < of ? ` (of ${of})` : ''
  return (
    `mean fidelity ${fidelity.toFixed(2)}${chance === null ? '' : `, to other cells' directions ${chance.toFixed(2)}`}; ` +
    `${Math.round((100 * nearest) / icons)} % of ${icons} icons${known} nearest to their own direction`
  )
}
