import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { LayoutParams } from '../../contract/layout.ts'
import { layoutKey } from '../atlas/layout.ts'
import type { Layer } from '../model/classifier.ts'
import { asFloat32, bytesOf } from '../store/bytes.ts'
import { stored } from '../store/json.ts'
import { addLayout, findLayout, layoutPositions, listLayouts } from '../store/layouts.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import type { Contents } from './contents.ts'
import { type SamplesFile, type SamplesWriter, sectionOf } from './file.ts'

/*
 * Layouts are exported with their samples: for 8 bytes a sample an import saves the slowest stage of an atlas, and shows
 * the same layout.
 */

type LayoutContents = Contents['layouts'][number]

/** A layout of a file. */
interface CarriedLayout {
  readonly contents: LayoutContents
  /** [samples, 2] in [0, 1] */
  readonly positions: Float32Array
}

/** Writes all layouts of some layers. @returns their entries in the contents */
export async function writeLayouts(
  db: Readable,
  set: SampleSet,
  layers: readonly { readonly name: string; readonly tensor: string }[],
  writer: SamplesWriter,
): Promise<LayoutContents[]> {
  const names = new Map(layers.map(({ name, tensor }) => [tensor, name]))
  const layouts = listLayouts(db, set.id).flatMap(each => {
    const layer = names.get(each.tensor)
    return layer !== undefined && each.n === set.n ? [{ ...each, layer }] : []
  })
  for (const [layout, { id, layer, n }] of layouts.entries())
    await writer.add({ part: 'layout', layer, layout, start: 0, count: n }, bytesOf(layoutPositions(db, id)))
  return layouts.map(({ layer, name, params, seed, trustworthiness, notes }) => ({
    layer,
    name,
    params: stored(LayoutParams, params, 'the parameters of a layout'),
    seed,
    trustworthiness,
    notes: stored(z.record(z.string(), z.json()), notes, 'the notes of a layout'),
  }))
}

/** @throws UserError when a layout is missing or has positions outside of [0, 1] */
export async function layoutsOf(samples: SamplesFile): Promise<readonly CarriedLayout[]> {
  const { layouts, samples: count } = samples.contents
  const carried: CarriedLayout[] = []
  for (const [layout, contents] of layouts.entries()) {
    const place = { part: 'layout', layer: contents.layer, layout, start: 0, count } as const
    const positions = asFloat32(await samples.read(sectionOf(samples, place), 8 * count))
    if (!positions.every(coordinate => coordinate >= 0 && coordinate <= 1))
      throw new UserError(
        `cannot read the samples ${JSON.stringify(samples.file)}: the layout "${contents.name}" of ${contents.layer} has positions outside of [0, 1]`,
      )
    carried.push({ contents, positions })
  }
  return carried
}

/** Adds an imported layout to its set, unless it exists. */
export function enterLayout(
  db: Writable,
  set: SampleSet,
  { name, tensor }: Pick<Layer, 'name' | 'tensor'>,
  { contents, positions }: CarriedLayout,
): void {
  const { layer: _, params, seed, ...others } = contents
  const key = layoutKey(set, { tensor }, { layout: params, layoutSeed: seed })
  if (findLayout(db, key)) return
  addLayout(db, { ...others, key, set: set.id, tensor, layer: name, params: { ...params }, seed, n: set.n }, positions)
}
