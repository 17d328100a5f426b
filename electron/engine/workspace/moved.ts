import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { UserError } from '../../contract/errors.ts'
import type { Movements } from '../../contract/patch.ts'
import type { Composition } from '../../contract/placement.ts'
import { activationGrid } from '../image/positions.ts'
import { Placer } from '../layout/place.ts'
import type { Layer } from '../model/classifier.ts'
import { layerAt } from '../model/layers.ts'
import { type Extent, inputSize } from '../model/sidecar.ts'
import { positionsOf, requireAtlas } from '../query/atlas-records.ts'
import { sameInput } from '../registry/open.ts'
import { denseRows, findActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { layoutWithId } from '../store/layouts.ts'
import { cosine } from '../vectors/cosine.ts'
import { composed, liveRuntime } from './live-lab.ts'
import type { OpenProject } from './open-project.ts'

/** Maximum of placed units, and of the samples that they are placed among: a tenth of a second for each layer. */
const [UNITS, SAMPLES] = [16, 8_192]
/** Samples between two checks for a later call. */
const CHUNK = 512

/** The movement of the units under the patches, atlas by atlas. @returns undefined when a later call has replaced this one */
export async function movedOn(
  project: OpenProject,
  { model, composition, atlases }: { model: string; composition: Composition; atlases: readonly number[] },
  isLatest: () => boolean,
): Promise<Movements[] | undefined> {
  const classifier = await project.classifier(model)
  const { background, composite } = await composed(project, classifier, composition)
  const size = inputSize(classifier.preprocessing)
  const movements: Movements[] = []
  for (const id of atlases) {
    if (!isLatest()) return undefined
    const atlas = requireAtlas(project, id)
    if (!sameInput(project.db, atlas, classifier))
      throw new UserError(
        `${atlas.name} is an atlas of another model or another preprocessing; choose one of ${classifier.name}`,
      )
    const layer = layerAt(classifier, atlas.tensor, atlas.layer)
    const covered = coveredUnits(background.rgb, composite.rgb, size, layer)
    const chosen = spread(covered, UNITS)
    const runtime = await liveRuntime()
    const before = await activationGrid(classifier, runtime, layer, background.rgb)
    const after = await activationGrid(classifier, runtime, layer, composite.rgb)
    const pairs = new Float32Array(2 * chosen.length * layer.channels)
    const row = (from: Float32Array, unit: number) => from.subarray(unit * layer.channels, (unit + 1) * layer.channels)
    for (const [k, unit] of chosen.entries()) {
      pairs.set(row(before, unit), 2 * k * layer.channels)
      pairs.set(row(after, unit), (2 * k + 1) * layer.channels)
    }
    const places = chosen.length === 0 ? [] : await placed(project, atlas, pairs, layer, isLatest)
    if (places === undefined) return undefined
    const about = { atlas: id, layer: layer.name, covered: covered.length, units: layer.height * layer.width }
    movements.push({
      ...about,
      moved: chosen.map((unit, k) => ({
        row: Math.floor(unit / layer.width),
        column: unit % layer.width,
        before: places[2 * k]!,
        after: places[2 * k + 1]!,
        change: 1 - cosine(row(before, unit), row(after, unit)),
      })),
    })
  }
  return movements
}

/** Units of which at least half of the pixels have changed. */
function coveredUnits(before: Uint8Array, after: Uint8Array, size: Extent, { height, width }: Layer): number[] {
  const changed = new Uint32Array(height * width)
  const all = new Uint32Array(height * width)
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      const unit = Math.floor((y * height) / size.height) * width + Math.floor((x * width) / size.width)
      const at = 3 * (y * size.width + x)
      all[unit]!++
      if (before[at] !== after[at] || before[at + 1] !== after[at + 1] || before[at + 2] !== after[at + 2])
        changed[unit]!++
    }
  return [...changed.keys()].filter(unit => 2 * changed[unit]! >= all[unit]!)
}

/** At most `max` items, spread evenly. */
const spread = <T>(items: readonly T[], max: number): readonly T[] =>
  items.length <= max ? items : Array.from({ length: max }, (_, k) => items[Math.floor((k * items.length) / max)]!)

interface Spot {
  readonly x: number
  readonly y: number
  readonly unlikeAnything: boolean
}

/** Places activations among samples of an atlas, spread evenly. @returns undefined when a later call has replaced this one */
async function placed(
  project: OpenProject,
  atlas: AtlasRecord,
  activations: Float32Array,
  layer: Layer,
  isLatest: () => boolean,
): Promise<Spot[] | undefined> {
  const matrix = findActivations(project.db, atlas.set, atlas.tensor)
  const layout = layoutWithId(project.db, atlas.layout)
  if (matrix?.width !== layer.channels || !layout) return undefined
  const positions = positionsOf(project, atlas)
  const within = Array.from({ length: positions.length / 2 }, (_, sample) => sample).filter(
    sample => !Number.isNaN(positions[2 * sample]!),
  )
  const chosen = spread(within, SAMPLES)
  const rows = project.cached(
    `placing ${atlas.layout}`,
    () => denseRows(project.db, matrix, chosen),
    ({ byteLength }) => byteLength,
  )
  const { metric } = layout.params as { metric?: 'cosine' | 'euclidean' }
  const placer = new Placer(activations, layer.channels, metric ?? 'cosine')
  for (let start = 0; start < chosen.length; start += CHUNK) {
    await yieldToEventLoop()
    if (!isLatest()) return undefined
    placer.feed(start, rows.subarray(start * layer.channels, Math.min(chosen.length, start + CHUNK) * layer.channels))
  }
  const usual = (layout.notes as { farthestUsual?: number } | null)?.farthestUsual ?? Number.POSITIVE_INFINITY
  const where = Float64Array.from(chosen.flatMap(at => [positions[2 * at]!, positions[2 * at + 1]!]))
  return placer.place(where, 2, usual).map(({ position, unlikeAnything }) => ({
    x: position[0]!,
    y: position[1]!,
    unlikeAnything,
  }))
}
