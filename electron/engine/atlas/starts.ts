import sharp from 'sharp'
import type { Start } from '../../contract/inversion.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { decodeImage } from '../images/decode.ts'
import type { ImageFile } from '../images/read.ts'
import { Turns } from '../images/turns.ts'
import { blurredMean } from '../inversion/start-picture.ts'
import { gridOf, samplesByCell } from '../layout/grid.ts'
import { type RankedSample, rankedSamples } from '../layout/ranked-samples.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { inputSize } from '../model/sidecar.ts'
import { readPhotograph } from '../photographs/read.ts'
import { centreOf, type Position, unitAt } from '../sampling/positions.ts'
import { denseRows, requireActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import type { PendingCell } from '../store/cells.ts'
import { layoutPositions } from '../store/layouts.ts'
import { readSamples } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'

/** The pictures that the icons of an atlas's cells start from. */
export interface CellStarts {
  /** Crops that a cell's picture is the mean of, one of each photograph; 0: it has too few photographs. */
  crops(cell: PendingCell): number
  /**
   * @param size edge of the icons, px
   * @returns [cells, size, size, 3], red, green, blue in 0 … 1
   * @throws UserError when a photograph is missing or has changed
   */
  pictures(cells: readonly PendingCell[], size: number, signal: AbortSignal): Promise<Float32Array>
}

/**
 * The starts of an atlas's cells: of each photograph behind a cell the sample that is nearest to the cell's direction, and of
 * those the nearest; each shows the part of the network's input around its unit that has the icon's size, moved inside.
 */
export function cellStarts(
  db: Readable,
  atlas: AtlasRecord,
  classifier: Classifier,
  layer: Layer,
  start: Start,
): CellStarts {
  const positions = Float64Array.from(layoutPositions(db, atlas.layout))
  const samples = readSamples(db, atlas.set, 0, positions.length / 2)
  const grids = new Map<number, ReadonlyMap<number, readonly number[]>>()
  const behind = ({ grid, i, j }: PendingCell): readonly number[] => {
    const cells = grids.get(grid) ?? samplesByCell(gridOf(positions, grid, 1))
    grids.set(grid, cells)
    return cells.get(i * grid + j) ?? []
  }
  // Asked of all cells that are left, for every batch.
  const known = new WeakMap<PendingCell, number>()
  const cropsOf = (cell: PendingCell): number => {
    const photographs = new Set(behind(cell).map(sample => samples[sample]!.image)).size
    return photographs < start.minimum ? 0 : Math.min(start.crops, photographs)
  }
  const turns = new Turns(BOUNDS.picturesAtOnce)
  const picture = async (cell: PendingCell, size: number, signal: AbortSignal): Promise<Float32Array> => {
    const matrix = requireActivations(db, atlas.set, atlas.tensor)
    const its = Uint32Array.from(behind(cell))
    const ranked = rankedSamples(its, denseRows(db, matrix, its), cell.direction)
    const nearest = nearestPlaces(
      ranked,
      sample => samples[sample]!,
      ({ image }) => image,
      start.crops,
    )
    const crops = await Promise.all(
      nearest.map(sample =>
        turns.run(() => {
          signal.throwIfAborted()
          return readPhotograph(db, sample.image).then(photograph =>
            cropAround(photograph, sample, { classifier, layer, size }),
          )
        }),
      ),
    )
    return blurredMean(crops, size, start.blur)
  }
  return {
    crops: cell => {
      const counted = known.get(cell) ?? cropsOf(cell)
      known.set(cell, counted)
      return counted
    },
    pictures: async (cells, size, signal) => {
      const width = 3 * size ** 2
      const pictures = new Float32Array(cells.length * width)
      for (const [row, cell] of cells.entries()) pictures.set(await picture(cell, size, signal), row * width)
      return pictures
    },
  }
}

/**
 * The samples that a picture shows: of each photograph the nearest, and of those the nearest.
 * @param placeOf      of a sample: where it is
 * @param photographOf of a place: what identifies its photograph
 */
export function nearestPlaces<P>(
  ranked: readonly RankedSample[],
  placeOf: (sample: number) => P,
  photographOf: (place: P) => number | string,
  most: number,
): P[] {
  const nearest = new Map<number | string, P>()
  for (const { sample } of ranked) {
    if (nearest.size === most) break
    const place = placeOf(sample)
    if (!nearest.has(photographOf(place))) nearest.set(photographOf(place), place)
  }
  return [...nearest.values()]
}

/**
 * The part of a photograph around a unit, at the scale of the network's input.
 * @param position any position in the unit, as shares of the input
 * @param size     edge of the part, moved inside the input, and of the result; a smaller input is enlarged
 * @returns [size, size, 3]
 */
export async function cropAround(
  photograph: ImageFile | string,
  position: Position,
  { classifier, layer, size }: { readonly classifier: Classifier; readonly layer: Layer; readonly size: number },
): Promise<Uint8Array> {
  const { resize, ...input } = classifier.preprocessing
  const { height, width } = inputSize(input)
  const { rgb } = await decodeImage(photograph, { size: [height, width], resize })
  const unit = unitAt(position, layer)
  const { v, u } = centreOf(unit.y, unit.x, layer)
  const edge = Math.min(size, height, width)
  const from = (at: number, length: number): number =>
    Math.min(length - edge, Math.max(0, Math.round(at * length - edge / 2)))
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .extract({ left: from(u, width), top: from(v, height), width: edge, height: edge })
    .resize(size, size, { fit: 'fill' })
    .raw()
    .toBuffer()
}
