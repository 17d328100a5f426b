import { InversionSchema } from '../../contract/inversion.ts'
import { unseenMargin } from '../atlas/picture.ts'
import { shrink } from '../images/shrink.ts'
import { decodeStored } from '../images/stored-picture.ts'
import { stored } from '../store/json.ts'
import type { TileIcon } from '../store/views.ts'
import type { Project } from './project.ts'

/** Edge of the small pictures that are cached in memory: 25,600 of them take 79 MB. */
const SMALL = 32

/** An icon without the margin that few steps of its optimisation covered. @returns [size, size, 3] */
export async function smallIcon(project: Project, icon: Omit<TileIcon, 'i' | 'j'>, size: number): Promise<Uint8Array> {
  // A draft and the finished icon have the same key, and different presets.
  const name = `small ${icon.key} ${icon.preset.includes('"draft":true')}`
  const small = project.peek<Uint8Array>(name)
  if (small !== undefined && size <= SMALL) return shrink(small, SMALL, size)
  const { cut, inner } = insideOf(icon.preset)
  const rgb = await decodeStored(icon.webp, image => {
    const inside = image.extract({ left: cut, top: cut, width: inner, height: inner }).removeAlpha().raw()
    return (inner < size ? inside.resize(size, size) : inside).toBuffer()
  })
  if (inner < size) return rgb
  if (inner >= SMALL)
    project.cached(
      name,
      () => shrink(rgb, inner, SMALL),
      ({ length }) => length,
    )
  return shrink(rgb, inner, size)
}

interface Inside {
  readonly cut: number
  readonly inner: number
}

/** A project's icons have a few presets only: each is parsed once. */
const insides = new Map<string, Inside>()
const insideOf = (preset: string): Inside => {
  const cached = insides.get(preset)
  if (cached !== undefined) return cached
  const inversion = stored(InversionSchema, JSON.parse(preset), 'the preset of an icon')
  // An icon's preset stores its edge.
  if (typeof inversion.size !== 'number') throw new Error('an icon without its size')
  const cut = Math.floor(inversion.size * unseenMargin(inversion))
  const inside = { cut, inner: inversion.size - 2 * cut }
  insides.set(preset, inside)
  return inside
}
