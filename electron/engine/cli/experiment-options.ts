import type { Command } from 'commander'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { Population } from '../../contract/experiment.ts'
import type { Positions } from '../../contract/placement.ts'
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

/** Options of both experiments and suggestions. */
export const withTrials = (command: Command): Command =>
  withLook(command, 'square')
    .requiredOption('--source <class>', 'class of the photographs')
    .requiredOption('--target <class>', 'target class that the patches should induce')
    .option(
      '--images <folder...>',
      'folders of photographs, added to the project (default: all photographs of the project)',
    )
    .option(
      '--population <which>',
      'top5, top10: the source class is in the top 5 or 10; labelled: folder or file name and top 1 are the source class',
      'top5',
    )
    .option('--sizes <list>', 'shares of the photograph, such as 0.2,0.4,0.7, or FROM:TO:STEP', '0.2,0.4,0.7')
    .option('--positions <which>', 'corners, grid:N, or one place', 'corners')
    .option('--seed <n>', 'seed for noise, the split and the bootstrap', '0')
    .option('--resamplings <n>', 'bootstrap resamplings of photographs, for intervals', '2000')

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

/** A plan as projects store it. @throws UserError that names the part which is too long or too large */
export function requirePlan<T extends z.ZodType>(schema: T, plan: z.input<T>): z.output<T> {
  const parsed = schema.safeParse(plan)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError(`the plan is refused, ${issue!.path.join('.')}: ${issue!.message}; shorten it`, { exitCode: 2 })
}
