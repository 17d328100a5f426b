import { basename } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import {
  BlendMode,
  lookOf,
  type PatchLook,
  type PatchPlacement,
  type Place,
  placementAt,
} from '../../contract/placement.ts'
import type { PatchPicture, PatchPictures } from '../patch/compose.ts'
import { readPatch } from '../patch/picture.ts'
import { choice } from './options.ts'

const number = (min: number, max: number, quantity: string) => {
  const message = `takes ${quantity} from ${min} to ${max}`
  return z
    .string()
    .regex(/^[-+]?(\d+\.?\d*|\.\d+)$/, message)
    .transform(Number)
    .pipe(z.number(message).min(min, message).max(max, message))
}
export const share = number(0, 1, 'a share')

const NAMED: Readonly<Record<string, Place>> = {
  'top-left': { x: 0, y: 0 },
  'top-right': { x: 1, y: 0 },
  'bottom-left': { x: 0, y: 1 },
  'bottom-right': { x: 1, y: 1 },
  centre: { x: 0.5, y: 0.5 },
}

/** Place of a patch: a corner's name, or X,Y with 0 flush left or top and 1 flush right or bottom. */
export const place = z.string().transform((text, context): Place => {
  const named = NAMED[text]
  if (named) return named
  const [x, y, ...more] = text.split(',').map(Number)
  if (x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y) && more.length === 0)
    return { x, y }
  context.addIssue({ code: 'custom', message: `takes ${Object.keys(NAMED).join(', ')}, or X,Y such as 0.5,1` })
  return z.NEVER
})

const many = <T extends z.ZodType>(item: T) => z.array(item).min(1)

/** Options of the look of patches. */
export const withLook = (command: Command, aspect: PatchLook['aspect']): Command =>
  command
    .option('--rotation <degrees>', 'rotation clockwise', '0')
    .option('--opacity <share>', 'opacity from 0 to 1', '1')
    .option('--blend <mode>', `blend mode: ${BlendMode.options.join(', ')}`, 'normal')
    .option('--mask <shape>', "mask: alpha (the patch's transparency), square, circle", 'alpha')
    .option('--feather <share>', 'width of the fading edge, as a share of half an edge', '0')
    .option(
      '--aspect <rule>',
      "aspect ratio: kept (the patch's), square (as in the article), photograph (stretched as the photograph is)",
      aspect,
    )

export const look = {
  rotation: number(-360, 360, 'degrees'),
  opacity: share,
  blend: choice(BlendMode.options),
  mask: choice(['alpha', 'square', 'circle']),
  feather: share,
  aspect: choice(['kept', 'square', 'photograph']),
}

/** Options of patches placed by hand: files, each with a size and a place; a single size or place is that of all. */
export const withPatches = (command: Command): Command =>
  withLook(command, 'kept')
    .requiredOption('--patch <file...>', 'pictures to paste, the first at the bottom')
    .option('--size <share...>', 'longer edge of each, as a share of the input of the network', ['0.3'])
    .option('--at <place...>', 'place of each: a corner such as bottom-right, centre, or X,Y', ['bottom-right'])

export const Patches = z.object({
  patch: many(z.string()),
  size: many(number(0, 4, 'a share')),
  at: many(place),
  ...look,
})

/** Reads the patches, placed on a photograph of some proportions. They are numbered from 1. */
export async function placedPatches(
  given: z.output<typeof Patches>,
  original: { readonly width: number; readonly height: number },
): Promise<{ readonly patches: readonly PatchPlacement[]; readonly pictures: PatchPictures }> {
  const each = <T>(values: readonly T[], i: number, option: string): T => {
    if (values.length !== 1 && values.length !== given.patch.length)
      throw new UserError(
        `--${option} has ${values.length} values for ${given.patch.length} patches: give one for all, or one for each`,
        { exitCode: 2 },
      )
    return values[values.length === 1 ? 0 : i]!
  }
  const patches: PatchPlacement[] = []
  const pictures = new Map<number, PatchPicture>()
  for (const [i, file] of given.patch.entries()) {
    const patch = i + 1
    const picture = { ...(await readPatch(file)), name: basename(file) }
    const [size, place] = [each(given.size, i, 'size'), each(given.at, i, 'at')]
    patches.push(placementAt({ patch, look: lookOf(given), size, place }, picture, original))
    pictures.set(patch, picture)
  }
  return { patches, pictures }
}

/** Sizes: a list such as 0.2,0.4,0.7, or FROM:TO:STEP, the end included. */
export const sizes = (min: number) =>
  z.string().transform((text, context): readonly number[] => {
    const refuse = (): never => {
      context.addIssue({
        code: 'custom',
        message: `takes shares from ${min} to 1, such as 0.2,0.4,0.7 or ${min || 0}:0.8:0.1`,
      })
      return z.NEVER
    }
    const range = text.split(':').map(Number)
    const [from, to, step] = range
    const listed =
      range.length === 3 && from !== undefined && to !== undefined && step !== undefined && step > 0
        ? // Rounded, so that 0.1 + 2 · 0.1 is 0.3.
          Array.from({ length: Math.floor((to - from) / step + 1e-6) + 1 }, (_, k) =>
            Number((from + k * step).toFixed(6)),
          )
        : text.split(',').map(Number)
    if (listed.length === 0 || listed.length > 200) return refuse()
    return listed.every(size => size >= min && size <= 1) ? listed.toSorted((a, b) => a - b) : refuse()
  })
