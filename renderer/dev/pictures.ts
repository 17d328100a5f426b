/**
 * Pictures for the plain-page version of the window: tiles of icons and photograph crops under /portolan/…, as
 * the application serves them under portolan:. Icons are cut from a published figure and photographs taken from
 * a folder where those lie beside the project; elsewhere both are made up from their position.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Plugin } from 'vite'

const FIGURE = '../shared/paper/figures/atlas-mixed4c-100000-samples.jpg'
const PHOTOGRAPHS = '../shared/images/imagenet-1000'
const PATCHES = '../shared/paper/patches'
const TILE = 16

interface Pixels {
  readonly data: Buffer
  readonly side: number
  /** Centres of the icons that the figure holds, by cell of its 20 × 20 grid. */
  readonly cells: readonly { readonly i: number; readonly j: number }[]
}

let figure: Promise<Pixels | undefined> | undefined

async function readFigure(): Promise<Pixels | undefined> {
  if (!existsSync(FIGURE)) return undefined
  const { data, info } = await sharp(FIGURE).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const step = info.width / 20
  const cells: { i: number; j: number }[] = []
  for (let j = 0; j < 20; j++) {
    for (let i = 0; i < 20; i++) {
      const at = (Math.floor((j + 0.5) * step) * info.width + Math.floor((i + 0.5) * step)) * 3
      const corner = (Math.floor((j + 0.1) * step) * info.width + Math.floor((i + 0.1) * step)) * 3
      if (data[at]! + data[at + 1]! + data[at + 2]! + data[corner]! + data[corner + 1]! < 1220) cells.push({ i, j })
    }
  }
  return { data, side: info.width, cells }
}

function hash(n: number): number {
  let h = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}

/** One texel of a synthetic icon: a soft pattern that changes slowly from cell to cell. */
function texel(i: number, j: number, grid: number, u: number, v: number): readonly [number, number, number] {
  const x = (i + u) / grid
  const y = (j + v) / grid
  const wave = Math.sin(40 * (u - 0.5) * hash(i) + 30 * (v - 0.5) * hash(j + 7)) * 40
  return [
    110 + 90 * Math.sin(6 * x) + wave,
    110 + 80 * Math.sin(5 * y + 2) + wave,
    120 + 80 * Math.cos(7 * (x + y)) + wave,
  ]
}

async function iconTile(grid: number, tileX: number, tileY: number, size: number): Promise<Buffer> {
  figure ??= readFigure()
  const source = await figure
  const side = TILE * size
  const data = Buffer.alloc(side * side * 3)
  for (let cy = 0; cy < TILE; cy++) {
    for (let cx = 0; cx < TILE; cx++) {
      const i = tileX * TILE + cx
      const j = tileY * TILE + cy
      if (i >= grid || j >= grid) continue
      const icon = await iconPixels(source, i, j, grid, size)
      for (let y = 0; y < size; y++)
        icon.copy(data, ((cy * size + y) * side + cx * size) * 3, y * size * 3, (y + 1) * size * 3)
    }
  }
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

/** A photograph of the folder in each cell. */
async function cropTile(grid: number, tileX: number, tileY: number, size: number): Promise<Buffer> {
  const side = TILE * size
  const inputs = []
  for (let y = tileY * TILE; y < Math.min(grid, (tileY + 1) * TILE); y++) {
    for (let x = tileX * TILE; x < Math.min(grid, (tileX + 1) * TILE); x++) {
      const id = Math.floor(997 * hash(x * 131 + y))
      const input = await sharp(await photograph(id, '0.2,0.2,0.8,0.8', 80))
        .resize(size, size, { fit: 'fill' })
        .toBuffer()
      inputs.push({ input, left: (x % TILE) * size, top: (y % TILE) * size })
    }
  }
  return sharp({ create: { width: side, height: side, channels: 4, background: '#00000000' } })
    .composite(inputs)
    .png()
    .toBuffer()
}

const icons = new Map<string, Promise<Buffer>>()

async function iconPixels(
  source: Pixels | undefined,
  i: number,
  j: number,
  grid: number,
  size: number,
): Promise<Buffer> {
  // Which icon of the figure is shown is decided once per cell, not per texel.
  if (source) {
    const probe = nearest(source, i, j, grid)
    const name = `${probe.i},${probe.j}@${size}`
    let made = icons.get(name)
    if (!made) {
      const step = source.side / 20
      made = sharp(source.data, { raw: { width: source.side, height: source.side, channels: 3 } })
        .extract({
          left: Math.round(probe.i * step),
          top: Math.round(probe.j * step),
          width: Math.floor(step),
          height: Math.floor(step),
        })
        .resize(size, size)
        .raw()
        .toBuffer()
      icons.set(name, made)
    }
    return made
  }
  const data = Buffer.alloc(size * size * 3)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const colour = texel(i, j, grid, (x + 0.5) / size, (y + 0.5) / size)
      data.set(
        colour.map(v => Math.max(0, Math.min(255, Math.round(v)))),
        (y * size + x) * 3,
      )
    }
  }
  return data
}

function nearest(source: Pixels, i: number, j: number, grid: number): { i: number; j: number } {
  const fi = ((i + 0.5) / grid) * 20 - 0.5
  const fj = ((j + 0.5) / grid) * 20 - 0.5
  let best = source.cells[0]!
  let minDistance = Number.POSITIVE_INFINITY
  for (const cell of source.cells) {
    const jitter = grid > 20 ? 0.9 * hash(i * 977 + j * 131 + cell.i * 20 + cell.j) : 0
    const d = (cell.i - fi) ** 2 + (cell.j - fj) ** 2 + jitter
    if (d < minDistance) {
      minDistance = d
      best = cell
    }
  }
  return best
}

async function photograph(id: number, box: string | null, size: number): Promise<Buffer> {
  const files = existsSync(PHOTOGRAPHS) ? readdirSync(PHOTOGRAPHS).filter(f => /\.(jpe?g|png)$/i.test(f)) : []
  if (files.length === 0) {
    const [r, g, b] = [90 + 80 * hash(id), 90 + 80 * hash(id + 1), 90 + 80 * hash(id + 2)]
    return sharp({ create: { width: size, height: size, channels: 3, background: { r, g, b } } })
      .png()
      .toBuffer()
  }
  let picture = sharp(join(PHOTOGRAPHS, files[id % files.length]!))
    .rotate()
    .resize(480, 480, { fit: 'fill' })
  if (box) {
    const [x, y, right, bottom] = box.split(',').map(v => Math.min(1, Math.max(0, Number(v))))
    const [w, h] = [right! - x!, bottom! - y!]
    picture = sharp(await picture.png().toBuffer()).extract({
      left: Math.max(0, Math.round(x! * 480)),
      top: Math.max(0, Math.round(y! * 480)),
      width: Math.max(8, Math.min(480 - Math.round(x! * 480), Math.round(w! * 480))),
      height: Math.max(8, Math.min(480 - Math.round(y! * 480), Math.round(h! * 480))),
    })
  }
  return picture.resize(size, size, { fit: 'fill' }).png().toBuffer()
}

/** One of the article's patches where they are there; otherwise a disc of a synthetic colour. */
async function patchPicture(id: number): Promise<Buffer> {
  const files = existsSync(PATCHES)
    ? readdirSync(PATCHES)
        .filter(f => f.endsWith('.png'))
        .sort()
    : []
  const file = files[(id - 1) % Math.max(1, files.length)]
  if (file !== undefined) return sharp(join(PATCHES, file)).png().toBuffer()
  const colour = `hsl(${Math.round(360 * hash(id))}, 60%, 50%)`
  return sharp(Buffer.from(`<svg width="96" height="96"><circle cx="48" cy="48" r="46" fill="${colour}"/></svg>`))
    .png()
    .toBuffer()
}

async function pictureAt(url: URL): Promise<Buffer | undefined> {
  const icon = /^\/portolan\/icons\/[^/]+\/\d+\/(\d+)\/(\d+),(\d+)@(\d+)$/.exec(decodeURIComponent(url.pathname))
  if (icon) return iconTile(Number(icon[1]), Number(icon[3]), Number(icon[2]), Math.min(96, Number(icon[4])))
  const crops = /^\/portolan\/crops\/[^/]+\/\d+\/(\d+)\/(\d+),(\d+)@(\d+)$/.exec(decodeURIComponent(url.pathname))
  if (crops) return cropTile(Number(crops[1]), Number(crops[3]), Number(crops[2]), Number(crops[4]))
  const one = /^\/portolan\/icon\/[0-9a-f]+\/(\d{4})(\d{4})(\d{4})0{4}$/.exec(url.pathname)
  if (one) {
    figure ??= readFigure()
    const data = await iconPixels(await figure, Number(one[3]), Number(one[2]), Number(one[1]), 80)
    return sharp(data, { raw: { width: 80, height: 80, channels: 3 } })
      .png()
      .toBuffer()
  }
  const patch = /^\/portolan\/patch\/[0-9a-f]+\/(\d+)$/.exec(url.pathname)
  if (patch) return patchPicture(Number(patch[1]))
  const photo = /^\/portolan\/photo\/[0-9a-f]+\/(\d+)$/.exec(url.pathname)
  if (photo)
    return photograph(Number(photo[1]), url.searchParams.get('box'), Number(url.searchParams.get('size') ?? 224))
  return undefined
}

export function pictures(): Plugin {
  return {
    name: 'portolan-pictures',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/portolan/')) return next()
        pictureAt(new URL(request.url, 'http://localhost')).then(
          body => {
            if (!body) {
              response.statusCode = 404
              response.end()
              return
            }
            response.setHeader('Content-Type', 'image/png')
            response.setHeader('Cache-Control', 'max-age=600')
            response.end(body)
          },
          (error: unknown) => {
            response.statusCode = 500
            response.end(String(error))
          },
        )
      })
    },
  }
}
