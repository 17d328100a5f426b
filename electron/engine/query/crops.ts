import { z } from 'zod'
import type { SampleCrop } from '../../contract/atlas.ts'
import { type RankedSample, rankedSamples } from '../layout/ranked-samples.ts'
import { type Extent, Input, inputSize } from '../model/sidecar.ts'
import { foldersById, pathOf, stateOf } from '../photographs/read.ts'
import { centreOf, unitAt } from '../sampling/positions.ts'
import { denseRows, requireActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { creditOf } from '../store/credits.ts'
import { stored } from '../store/json.ts'
import { findImage, type ImageRecord } from '../store/photographs.ts'
import { type Sample, samplesAt } from '../store/samples.ts'
import { samplesOfCell } from './atlas-records.ts'
import { inputOf, type LayerRecord, layerRecord, requireModel } from './model-records.ts'
import type { Project } from './project.ts'

interface CellPlace {
  readonly grid: number
  readonly i: number
  readonly j: number
}

/** The samples of a cell, nearest to its direction first, with their distances 1 − cosine. */
const rankedOfCell = (
  project: Project,
  atlas: AtlasRecord,
  cell: CellPlace,
  direction: Float32Array,
): readonly RankedSample[] =>
  project.cached(
    `ranked ${atlas.id} ${cell.grid} ${cell.i} ${cell.j}`,
    () => {
      const matrix = requireActivations(project.db, atlas.set, atlas.tensor)
      const samples = samplesOfCell(project, atlas, cell)
      return rankedSamples(samples, denseRows(project.db, matrix, samples), direction)
    },
    ranked => 32 * ranked.length,
  )

/** Photographs of the samples of a cell, nearest first. */
export async function cropsOfCell(
  project: Project,
  {
    atlas,
    model,
    cell,
    direction,
  }: {
    readonly atlas: AtlasRecord
    readonly model: string
    readonly cell: CellPlace
    readonly direction: Float32Array
  },
  offset: number,
  limit: number,
): Promise<SampleCrop[]> {
  return cropsOfSamples(
    project,
    { atlas, model },
    rankedOfCell(project, atlas, cell, direction).slice(offset, offset + limit),
  )
}

/** Receptive fields of samples in their photographs, in the order of the samples. */
export async function cropsOfSamples(
  project: Project,
  { atlas, model }: { readonly atlas: AtlasRecord; readonly model: string },
  ranked: readonly { readonly sample: number; readonly distance: number }[],
): Promise<SampleCrop[]> {
  const named = requireModel(project, model)
  const layer = layerRecord(named, atlas)
  const { size, resize } = seenAs(inputOf(named.classifier))
  const folders = foldersById(project.db)
  const places = samplesAt(
    project.db,
    atlas.set,
    ranked.map(({ sample }) => sample),
  )
  const states = new Map<number, ReturnType<typeof stateOf>>()
  const crop = async ({ sample, distance }: (typeof ranked)[number]): Promise<SampleCrop> => {
    const place = places.get(sample)!
    const image = findImage(project.db, place.image)!
    // A photograph may have many samples.
    const checked = states.get(image.id) ?? stateOf(project.db, image, folders)
    states.set(image.id, checked)
    const state = await checked
    return {
      sample,
      image: image.id,
      file: pathOf(image, folders) ?? `${folders.get(image.folder)!.name}/${image.relative}`,
      available: state === 'present',
      changed: state === 'changed',
      v: place.v,
      u: place.u,
      box: fieldOf(place, layer, image, { size, resize }),
      distance,
      credit: creditOf(project.db, image),
    }
  }
  return Promise.all(ranked.map(crop))
}

interface SeenAs {
  /** The network's input, px. */
  readonly size: Extent
  readonly resize: 'stretch' | 'crop'
}

const seenAs = (input: Readonly<Record<string, unknown>>): SeenAs => ({
  size: inputSize(stored(z.object({ size: Input.shape.size }), input, 'the preprocessing of a model')),
  resize: input.resize === 'crop' ? 'crop' : 'stretch',
})

/**
 * The receptive field of the unit at a position, as shares of the photograph; the part beyond its edge is the network's
 * padding. A photograph whose size is not stored is treated as square.
 */
function fieldOf(
  { v, u }: Pick<Sample, 'v' | 'u'>,
  layer: Pick<LayerRecord, 'height' | 'width' | 'receptiveField'>,
  image: ImageRecord,
  { size, resize }: SeenAs,
): SampleCrop['box'] {
  const [width, height] = image.status === 'ok' ? [image.width || 1, image.height || 1] : [1, 1]
  // The largest central part of the shape of the network's input.
  const factor = Math.max(size.width / width, size.height / height)
  const part = { width: size.width / factor / width, height: size.height / factor / height }
  // The input of the network, as shares of the photograph.
  const seen =
    resize === 'stretch'
      ? { left: 0, top: 0, width: 1, height: 1 }
      : { left: (1 - part.width) / 2, top: (1 - part.height) / 2, ...part }
  const inside = (at: number, from: number, length: number): number =>
    Math.min(0.999_999, Math.max(0, (at - from) / length))
  const unit = unitAt({ v: inside(v, seen.top, seen.height), u: inside(u, seen.left, seen.width) }, layer)
  const centre = centreOf(unit.y, unit.x, layer)
  const half = { u: layer.receptiveField / size.width / 2, v: layer.receptiveField / size.height / 2 }
  return {
    left: seen.left + (centre.u - half.u) * seen.width,
    top: seen.top + (centre.v - half.v) * seen.height,
    right: seen.left + (centre.u + half.u) * seen.width,
    bottom: seen.top + (centre.v + half.v) * seen.height,
  }
}
