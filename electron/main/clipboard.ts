import { ClipboardItem, clipboard, nativeImage } from 'electron'

const PNG = 'image/png'

/** The clipboard of Electron before 40: synchronous, with methods for images. */
interface OlderClipboard {
  writeImage(image: Electron.NativeImage): void
  readImage(): Electron.NativeImage
}
const isOlder = (value: object): value is OlderClipboard => 'writeImage' in value

export async function writeText(text: string): Promise<void> {
  await clipboard.writeText(text)
}

export async function writePicture(bytes: Uint8Array): Promise<void> {
  if (isOlder(clipboard)) return clipboard.writeImage(nativeImage.createFromBuffer(Buffer.from(bytes)))
  await clipboard.write([new ClipboardItem({ [PNG]: new Blob([Uint8Array.from(bytes)], { type: PNG }) })])
}

/** @returns the picture as PNG, or null */
export async function readPicture(): Promise<Uint8Array<ArrayBuffer> | null> {
  if (isOlder(clipboard)) {
    const image = clipboard.readImage()
    return image.isEmpty() ? null : Uint8Array.from(image.toPNG())
  }
  const item = (await clipboard.read()).find(each => each.types.includes(PNG))
  return item === undefined ? null : new Uint8Array(await (await item.getType(PNG)).arrayBuffer())
}
