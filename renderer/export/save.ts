import { drawFigure, figureSize, figureSvg } from './figure.ts'
import type { ShownPane } from './panes.ts'

export type Format = 'png-2' | 'png-4' | 'svg'

/** Pixels of a map in an SVG per CSS pixel: two give about 200 dpi over the width of a page. */
const SVG_SCALE = 2

/** Exports the panes to a file that the user chooses. @returns its path, or null if the user cancelled */
export async function saveFigure(panes: readonly ShownPane[], format: Format, name: string): Promise<string | null> {
  if (panes.length === 0) throw new Error('cannot export the view: no atlas is shown; open one first')
  const kind = format === 'svg' ? 'svg' : 'png'
  const file = await window.portolan.shell('dialog.save', { kind, suggested: `${name}.${kind}` })
  if (file === null) return null
  const bytes = await (format === 'svg' ? svgBytes(panes) : pngBytes(panes, format === 'png-2' ? 2 : 4))
  await window.portolan.shell('file.write', { file, bytes })
  return file
}

/** Sequentially: each scene holds its icons at full size while it is drawn. */
async function mapsOf(panes: readonly ShownPane[], scale: number): Promise<readonly ImageBitmap[]> {
  const maps: ImageBitmap[] = []
  for (const { scene } of panes) maps.push(await scene.picture(scale))
  return maps
}

async function pngBytes(panes: readonly ShownPane[], scale: number): Promise<Uint8Array<ArrayBuffer>> {
  const figure = panes.map(p => p.pane)
  const { width, height } = figureSize(figure)
  // A canvas does not wait for fonts: glyphs of a font that is not loaded yet would be boxes.
  const texts = figure.flatMap(({ labels, legend, caption }) => [
    ...[...labels, ...legend].map(({ text }) => text),
    caption,
  ])
  await document.fonts.load('12px "Portolan Scripts"', texts.join(''))
  const maps = await mapsOf(panes, scale)
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale))
  const context = canvas.getContext('2d')
  if (context === null) throw new Error(`cannot draw an image of ${canvas.width} × ${canvas.height}; choose PNG, 2×`)
  drawFigure(context, figure, maps, scale)
  for (const map of maps) map.close()
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}

async function svgBytes(panes: readonly ShownPane[]): Promise<Uint8Array<ArrayBuffer>> {
  const maps = await mapsOf(panes, SVG_SCALE)
  const addresses = await Promise.all(maps.map(dataUrl))
  const text = figureSvg(
    panes.map(p => p.pane),
    addresses,
  )
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

async function dataUrl(map: ImageBitmap): Promise<string> {
  const canvas = new OffscreenCanvas(map.width, map.height)
  canvas.getContext('2d')?.drawImage(map, 0, 0)
  map.close()
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
