import type { Input } from '../../electron/contract/calls.ts'
import type { PatchRecord, Pixels } from '../../electron/contract/patch.ts'
import { extentOf, PatchPlacement } from '../../electron/contract/placement.ts'
import { pictureAddress } from '../state/pictures.ts'

const SIZE = 224
const PROJECT = '0123456789abcdef'
const pictures = new Map<string, Promise<ImageBitmap>>()

function picture(address: string): Promise<ImageBitmap> {
  let made = pictures.get(address)
  if (made === undefined) {
    made = fetch(address)
      .then(response => response.blob())
      .then(createImageBitmap)
    pictures.set(address, made)
  }
  return made
}

/** A composition as a plain page can draw it, in place of the engine's. */
export async function drawComposition(
  { image, patches }: Input<'patch.compose'>['composition'],
  recordOf: (patch: number) => PatchRecord,
): Promise<Pixels> {
  const canvas = new OffscreenCanvas(SIZE, SIZE)
  const context = canvas.getContext('2d')!
  context.drawImage(
    await picture(pictureAddress({ kind: 'photo', project: PROJECT, image, box: null, size: SIZE })),
    0,
    0,
    SIZE,
    SIZE,
  )
  for (const given of patches) {
    const placed = PatchPlacement.parse(given)
    if (placed.hidden) continue
    const { width, height } = extentOf(placed, recordOf(placed.patch), { width: 500, height: 375 })
    const [w, h] = [width * SIZE, height * SIZE]
    context.save()
    context.translate(placed.x * SIZE, placed.y * SIZE)
    context.rotate((placed.rotation * Math.PI) / 180)
    context.globalAlpha = placed.opacity
    context.globalCompositeOperation = placed.blend === 'normal' ? 'source-over' : placed.blend
    if (placed.mask === 'circle') {
      context.beginPath()
      context.ellipse(0, 0, w / 2, h / 2, 0, 0, 2 * Math.PI)
      context.clip()
    }
    const drawn = await picture(pictureAddress({ kind: 'patch', project: PROJECT, patch: placed.patch }))
    context.drawImage(drawn, -w / 2, -h / 2, w, h)
    context.restore()
  }
  const { data } = context.getImageData(0, 0, SIZE, SIZE)
  return { width: SIZE, height: SIZE, rgba: new Uint8Array(data) }
}
