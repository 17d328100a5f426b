import type { Command } from 'commander'
import { z } from 'zod'
import { Population, type Positions } from '../../contract/experiment.ts'
import { choice, wholeNumber } from './options.ts'
import { look, place, sizes, withLook } from './patch-options.ts'

/** `corners`, `grid:5`, or one place such as bottom-right. */
const positions = z.string().transform((text, context): Positions => {
  if (text === 'corners') return { kind: 'corners' }
  const grid = /^grid:(\d+)$/.exec(text)
  if (grid && Number(grid[1]) >= 1 && Number(grid[1]) <= 16) return { kind: 'grid', n: Number(grid[1]) }
  const fixed = place.safeParse(text)
  const inside = (share: number): boolean => share >= 0 && share <= 1
  if (fixed.success && inside(fixed.data.x) && inside(fixed.data.y)) return { kind: 'fixed', ...fixed.data }
  context.addIssue({
    code: 'custom',
    message: 'takes corners, grid:N with N from 1 to 16, or one place: a corner, centre, or X,Y from 0 to 1',
  })
  return z.NEVER
})

/** What experiments and suggestions have in common. */
export const withTrials = (command: Command): Command =>
  withLook(command, 'square')
    .requiredOption('--source <class>', 'what the photographs show')
    .requiredOption('--target <class>', 'what the patches shall make of them')
    .option('--images <folder...>', 'photographs, which are added to the project (all of its own by default)')
    .option(
      '--population <which>',
      'top5: the source class is among the five strongest; labelled: folder or name say so, and the model too',
      'top5',
    )
    .option('--sizes <list>', 'shares such as 0.2,0.4,0.7, or FROM:TO:STEP', '0.2,0.4,0.7')
    .option('--positions <which>', 'corners, grid:N, or one place', 'corners')
    .option('--seed <n>', 'of noise, halves and resampling', '0')
    .option('--resamplings <n>', 'of photographs, for intervals', '2000')

export const trials = {
  source: z.string(),
  target: z.string(),
  images: z.array(z.string()).optional(),
  population: choice(Population.options),
  sizes: sizes(0.005),
  positions,
  seed: wholeNumber(0, 0xffff_ffff),
  resamplings: wholeNumber(100, 100_000),
  ...look,
}
