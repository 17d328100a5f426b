import type { Attribution } from '../../contract/atlas.ts'
import { closedForm } from '../attribution/closed-form.ts'
import type { Classifier } from '../model/classifier.ts'
import { layerAt } from '../model/layers.ts'
import { findActivations, float32Pages } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { attributionsToClasses, findAttributions } from '../store/attributions.ts'
import { sampleSet } from '../store/samples.ts'
import { ELSEWHERE, slotsOf } from './atlas-records.ts'
import type { Project } from './project.ts'

/** The attribution of every sample of a set to one class. */
export interface ClassColumn {
  /** [n]; 0 where it isn't known. */
  readonly values: Float32Array
  /** [n], 1 where it is known. */
  readonly known: Uint8Array
  /** How many are. */
  readonly count: number
}

/** The classifier that an atlas was made with. @throws UserError when its file has gone, or is another one now */
export const classifierOf = (project: Project, { set, classifier }: AtlasRecord): Promise<Classifier> =>
  project.classifier(classifier ?? sampleSet(project.db, set)!.model)

/** Names in the cache of what atlases say about classes: of samples, layer, classifier and kind of attribution. */
export const columnName = (
  { set, tensor, classifier, attribution }: AtlasRecord,
  what: string,
  index: number,
): string => `${what} ${set} ${JSON.stringify(tensor)} ${classifier} ${attribution} ${index}`

/** Columns of some classes at the layer of an atlas: those that aren't kept in memory are read in one pass. */
export async function classColumns(
  project: Project,
  atlas: AtlasRecord,
  classes: readonly number[],
): Promise<readonly ClassColumn[]> {
  const name = (index: number): string => columnName(atlas, 'attribution', index)
  const found = new Map<number, ClassColumn>()
  const missing: number[] = []
  for (const index of new Set(classes)) {
    const column = project.peek<ClassColumn>(name(index))
    if (column === undefined) missing.push(index)
    else found.set(index, column)
  }
  if (missing.length > 0) {
    const read = await readColumns(project, atlas, missing)
    for (const [at, index] of missing.entries())
      found.set(
        index,
        project.cached(
          name(index),
          () => read[at]!,
          ({ values }) => 5 * values.length,
        ),
      )
  }
  return classes.map(index => found.get(index)!)
}

async function readColumns(
  project: Project,
  atlas: AtlasRecord,
  classes: readonly number[],
): Promise<readonly ClassColumn[]> {
  const { db } = project
  const matrix = findAttributions(db, atlas.set, atlas.tensor, atlas.attribution, atlas.classifier ?? '')
  if (matrix !== undefined) return attributionsToClasses(db, matrix, classes)
  // Where the closed form holds nothing is stored: attr_c = a · W[:, c] / (H·W).
  const classifier = await classifierOf(project, atlas)
  const form = closedForm(classifier, layerAt(classifier, atlas.tensor, atlas.layer))
  const activations = findActivations(db, atlas.set, atlas.tensor)
  if (form === undefined || activations === undefined)
    throw new Error(`atlas ${atlas.id} has neither attributions nor a closed form at ${atlas.layer}`)
  const [channels, all] = [form.dims[0]!, form.dims[1]!]
  const columns = classes.map(() => new Float32Array(activations.n))
  const weights = classes.map(index => Float64Array.from({ length: channels }, (_, k) => form.data[k * all + index]!))
  for (const { start, count, values } of float32Pages(db, activations))
    for (const [at, column] of columns.entries()) {
      const own = weights[at]!
      for (let row = 0; row < count; row++) {
        let sum = 0
        for (let k = 0; k < channels; k++) sum += values[row * channels + k]! * own[k]!
        column[start + row] = sum
      }
    }
  return columns.map(values => ({ values, known: new Uint8Array(values.length).fill(1), count: values.length }))
}

/** Mean attribution of the shown cells of a grid to some classes, over the samples whose attribution is known. */
export async function attributionOfCells(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  classes: readonly number[],
): Promise<Attribution> {
  const columns = await classColumns(project, atlas, classes)
  const slots = slotsOf(project, atlas, grid)
  const n = slots.reduce((most, slot) => Math.max(most, slot), -1) + 1
  const values = new Float32Array(classes.length * n)
  const max = new Float32Array(classes.length)
  const min = new Float32Array(classes.length)
  const counts = new Uint32Array(n)
  for (const slot of slots) if (slot >= 0) counts[slot]!++
  for (const [at, column] of columns.entries()) {
    const sums = new Float64Array(n)
    for (let sample = 0; sample < slots.length; sample++) {
      const slot = slots[sample]!
      if (slot >= 0) sums[slot]! += column.values[sample]!
    }
    for (let slot = 0; slot < n; slot++) {
      const mean = sums[slot]! / counts[slot]!
      values[at * n + slot] = mean
      max[at] = Math.max(max[at]!, mean)
      min[at] = Math.min(min[at]!, mean)
    }
  }
  // A truncated store knows different samples of each class: told is the least known one.
  let of = 0
  const counted = columns.map(() => 0)
  for (let sample = 0; sample < slots.length; sample++) {
    if (slots[sample] === ELSEWHERE) continue
    of++
    for (const [at, column] of columns.entries()) counted[at]! += column.known[sample]!
  }
  return { values, max, min, known: Math.min(...counted), of }
}
