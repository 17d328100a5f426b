import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ModelRecord, putModel } from '../../../electron/engine/store/models.ts'
import { createProject } from '../../../electron/engine/store/open.ts'
import { putFolder, putPhotographs } from '../../../electron/engine/store/photographs.ts'
import { addSampleSet, type Sample, type SampleSet } from '../../../electron/engine/store/samples.ts'
import type { Writable } from '../../../electron/engine/store/sql.ts'

export const who = { command: 'portolan test' }

/** A folder that goes away with the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An empty project that is closed and removed with the test. */
export const temporaryProject = (): Writable => {
  const project = createProject(join(temporaryFolder(), 'test.portolan'), who)
  onTestFinished(() => project.close())
  return project
}

/** A made-up model without layers. */
export const aModel: ModelRecord = {
  hash: 'model',
  name: 'model',
  file: '/models/model.onnx',
  beside: null,
  sidecar: {},
  layers: [],
  classifier: '',
  seen: 0,
}

/** A set of a made-up model with one photograph, and no samples yet. */
export const emptySet = (
  db: Writable,
  layers: readonly { readonly name: string; readonly channels: number }[],
): { readonly set: SampleSet; readonly image: number } => {
  putModel(db, aModel)
  const folder = putFolder(db, '/photographs', 'photographs')
  const [image] = putPhotographs(db, folder, [
    { relative: 'a.jpg', class: null, status: 'ok', hash: 'a', width: 4, height: 3 },
  ])
  const set = addSampleSet(
    db,
    { key: 'set', model: 'model', input: null, seed: 1, perImage: 1, images: 'a' },
    layers.map(layer => ({ ...layer, tensor: layer.name })),
  )
  return { set, image: image! }
}

export const samplesOf = (image: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ image, v: index / count, u: 0.5 }))

/** A value that encodes its position, exact in float16: so a row out of place is seen. */
export const marked = (row: number, channel: number): number => ((row * 7 + channel * 13) % 2048) - 1024

/** [count, channels] of marked values, for the rows from `start`. */
export const markedRows = (start: number, count: number, channels: number): Float32Array => {
  const values = new Float32Array(count * channels)
  for (let row = 0; row < count; row++)
    for (let channel = 0; channel < channels; channel++) values[row * channels + channel] = marked(start + row, channel)
  return values
}
