import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { UserError } from '../../electron/contract/errors.ts'
import type { Start } from '../../electron/contract/inversion.ts'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import { cropAround, nearestPlaces } from '../../electron/engine/atlas/starts.ts'
import { decodeImage } from '../../electron/engine/images/decode.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import { blurredMean } from '../../electron/engine/inversion/start-picture.ts'
import { CellMeans } from '../../electron/engine/layout/cell-means.ts'
import { computeLayout } from '../../electron/engine/layout/compute.ts'
import { gridOf, samplesByCell } from '../../electron/engine/layout/grid.ts'
import { rankedSamples } from '../../electron/engine/layout/ranked-samples.ts'
import type { Classifier, Layer } from '../../electron/engine/model/classifier.ts'
import { centreOf } from '../../electron/engine/query/crop-tile.ts'
import { Random } from '../../electron/engine/random/random.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { collect } from '../../electron/engine/sampling/collect.ts'
import type { Position } from '../../electron/engine/sampling/positions.ts'
import { cosine } from '../../electron/engine/vectors/cosine.ts'
import type { Square } from './picture-statistics.ts'

const GRID = 20
/** With fewer cells a rank among them is uninformative. */
const MIN_CELLS = 10

/** Directions of a layer to invert, and what is needed to judge the icons. */
export interface Targets {
  readonly layer: Layer
  /** [cells, channels] */
  readonly directions: Float32Array
  /** [channels], the mean activation of all samples. */
  readonly mean: Float32Array
  /** Row and column in the map, for cells of a map. */
  readonly places?: readonly (readonly [row: number, column: number])[]
  /** The photographs nearest to a direction, cut to the centre of the unit's receptive field. */
  readonly crops: (cell: number, count: number, size: number) => Promise<Square[]>
  /** The picture that the icon of a cell of a map starts from, as the product makes it; undefined with too few photographs. */
  readonly startOf?: (cell: number, size: number, start: Start) => Promise<Float32Array | undefined>
}

interface Sample extends Position {
  readonly file: string
}

/** Activations of random positions of photographs at some layers, sampled as the product samples them. */
export interface Samples {
  readonly classifier: Classifier
  /** Of one photograph, one after the other. */
  readonly positions: number
  readonly samples: readonly Sample[]
  /** By layer name, [samples, channels]. */
  readonly rows: ReadonlyMap<string, Float32Array>
}

interface Sampling {
  readonly folders: readonly string[]
  /** Photographs, spread evenly over the folders. */
  readonly count: number
  /** Of each photograph. */
  readonly positions: number
}

export async function sampleLayers(
  classifier: Classifier,
  runtime: Runtime,
  layers: readonly Layer[],
  { folders, count, positions: perImage }: Sampling,
): Promise<Samples> {
  const { images } = await findImages(folders)
  const n = Math.min(count, images.length)
  const sources = Array.from({ length: n }, (_, i) => images[Math.floor((i * images.length) / n)]!)
  const samples: Sample[] = []
  const parts = new Map(layers.map(({ name }) => [name, [] as Float32Array[]]))
  const passes = collect({ classifier, runtime, sources, positionsPerImage: perImage, seed: 0, layers })
  for await (const { images: batch, positions, activations } of passes) {
    for (const [s, position] of positions.entries())
      samples.push({ ...position, file: batch[Math.floor(s / perImage)]!.source.file })
    for (const { name } of layers) parts.get(name)!.push(Float32Array.from(activations.get(name)!))
  }
  return {
    classifier,
    positions: perImage,
    samples,
    rows: new Map([...parts].map(([name, part]) => [name, joined(part)])),
  }
}

/** The shown cells of a map of the samples: layout, grid and means of the product. */
export async function cellsOfMap(of: Samples, layer: Layer): Promise<Targets> {
  const { layout, minSamples } = PRESETS.atlas
  const rows = of.rows.get(layer.name)!
  const { channels } = layer
  const n = rows.length / channels
  const params = LayoutParams.parse(layout)
  const { positions } = await computeLayout({ rows, n, channels }, params, 0, new AbortController().signal, () => {})
  const grid = gridOf(positions, GRID, minSamples)
  if (grid.shown.length < MIN_CELLS)
    throw new UserError(
      `the map of ${layer.name} has ${grid.shown.length} cells with ${minSamples} samples: give more photographs`,
    )
  const means = new CellMeans(grid, channels)
  means.feed(0, rows)
  const places = Array.from(grid.shown, cell => [Math.floor(cell / GRID), cell % GRID] as const)
  const directions = Float32Array.from(means.means())
  const byCell = samplesByCell(grid)
  const startOf: Targets['startOf'] = async (cell, size, { crops, minimum, blur }) => {
    const members = Uint32Array.from(byCell.get(grid.shown[cell]!)!)
    const own = new Float32Array(members.length * channels)
    for (const [row, s] of members.entries()) own.set(rows.subarray(s * channels, (s + 1) * channels), row * channels)
    const nearest = nearestPlaces(
      rankedSamples(members, own, directions.slice(cell * channels, (cell + 1) * channels)),
      sample => of.samples[sample]!,
      ({ file }) => file,
      crops,
    )
    if (nearest.length < minimum) return undefined
    const around = nearest.map(sample => cropAround(sample.file, sample, { classifier: of.classifier, layer, size }))
    return blurredMean(await Promise.all(around), size, blur)
  }
  return { ...targetsOf(of, layer, directions, places), startOf }
}

/** Given directions, with the mean of the samples. @param file float32 little-endian, [n, channels] */
export const givenDirections = (of: Samples, layer: Layer, file: string): Targets =>
  targetsOf(of, layer, new Float32Array(new Uint8Array(readFileSync(file)).buffer))

function targetsOf(of: Samples, layer: Layer, directions: Float32Array, places?: Targets['places']): Targets {
  const { channels } = layer
  const rows = of.rows.get(layer.name)!
  const n = rows.length / channels
  const sums = new Float64Array(channels)
  for (let i = 0; i < rows.length; i++) sums[i % channels]! += rows[i]!
  return {
    layer,
    directions,
    mean: Float32Array.from(sums, sum => sum / n),
    ...(places && { places }),
    crops: async (cell, count, size) => {
      const direction = directions.subarray(cell * channels, (cell + 1) * channels)
      const near = Array.from({ length: n }, (_, s) => ({
        sample: of.samples[s]!,
        cosine: cosine(direction, rows.subarray(s * channels, (s + 1) * channels)),
      })).sort((a, b) => b.cosine - a.cosine)
      const files = new Map(near.toReversed().map(({ sample }) => [sample.file, sample]))
      // One crop a photograph, the nearest.
      const chosen = near.filter(({ sample }) => files.get(sample.file) === sample).slice(0, count)
      return Promise.all(chosen.map(({ sample }) => cropOf(of.classifier, layer, sample, size)))
    },
  }
}

async function cropOf(
  { preprocessing }: Classifier,
  { receptiveField }: Layer,
  { file, u, v }: Sample,
  size: number,
): Promise<Square> {
  const { resize } = preprocessing
  const [height, width] =
    typeof preprocessing.size === 'number' ? [preprocessing.size, preprocessing.size] : preprocessing.size
  const { rgb } = await decodeImage(file, { size: [height, width], resize })
  const half = [receptiveField / (2 * width), receptiveField / (2 * height)] as const
  const box = centreOf({ left: u - half[0], right: u + half[0], top: v - half[1], bottom: v + half[1] })
  const at = (share: number, edge: number): number => Math.round(share * edge)
  const cut = {
    left: at(box.left, width),
    top: at(box.top, height),
    width: Math.max(1, at(box.right, width) - at(box.left, width)),
    height: Math.max(1, at(box.bottom, height) - at(box.top, height)),
  }
  const raw = { width, height, channels: 3 as const }
  return { rgb: await sharp(rgb, { raw }).extract(cut).resize(size, size, { fit: 'fill' }).raw().toBuffer(), size }
}

/**
 * Cells to invert, half of them the right-hand neighbours of the others, so that neighbours can be compared.
 * @returns indices of `places`
 */
export function chosenCells({ directions, layer, places }: Targets, count: number): number[] {
  const all = directions.length / layer.channels
  if (places === undefined || count >= all) return Array.from({ length: Math.min(count, all) }, (_, i) => i)
  const indexOf = new Map(places.map(([row, column], i) => [row * GRID + column, i]))
  const pairs = places.flatMap(([row, column], i) => {
    const right = indexOf.get(row * GRID + column + 1)
    return right === undefined || column + 1 === GRID ? [] : [[i, right] as const]
  })
  const random = new Random('cells of the icons that are measured')
  const chosen = new Set<number>()
  while (chosen.size < count && pairs.length > 0) {
    const [pair] = pairs.splice(random.below(pairs.length), 1)
    if (pair!.every(cell => !chosen.has(cell))) for (const cell of pair!) chosen.add(cell)
  }
  // Where too few cells have neighbours.
  for (let cell = 0; cell < all && chosen.size < count; cell++) chosen.add(cell)
  return [...chosen].slice(0, count)
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
