import { addDense, appendDense, findActivations } from './activations.ts'
import { contradictory } from './failures.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** Aligned samples of one model: the same images and positions in each of its layers. */
export interface SampleSet {
  readonly id: number
  readonly key: string
  /** Hash of the model. */
  readonly model: string
  /** JSON of the preprocessing; null where an earlier version did not store it. */
  readonly input: string | null
  readonly seed: number
  readonly perImage: number
  /** Content key of the photographs, in order. */
  readonly images: string
  /** Samples that are committed. */
  readonly n: number
  /** When the last sample was committed; null while some are missing. Milliseconds since 1970. */
  readonly finished: number | null
}

/** A sample: an image's id and the position in it, (0, 0) top left to (1, 1) bottom right. */
export interface Sample {
  readonly image: number
  readonly v: number
  readonly u: number
}

const columns = 'id, key, model, input, seed, per_image AS perImage, images, n, finished'
const selectAll = query<None, SampleSet>(`SELECT ${columns} FROM sample_sets ORDER BY id`)
const selectByKey = query<{ key: string }, SampleSet>(`SELECT ${columns} FROM sample_sets WHERE key = @key`)
const selectById = query<{ id: number }, SampleSet>(`SELECT ${columns} FROM sample_sets WHERE id = @id`)
const insertSet = command<Omit<SampleSet, 'id' | 'n' | 'finished'>>(`
  INSERT INTO sample_sets (key, model, input, seed, per_image, images)
  VALUES (@key, @model, @input, @seed, @perImage, @images)
`)
const setKey = command<{ id: number; key: string; images: string }>(`
  UPDATE sample_sets SET key = @key, images = @images WHERE id = @id
`)
const selectImagesOf = query<{ set: number }, { image: number }>(`
  SELECT DISTINCT image FROM samples WHERE set_id = @set
`)
const deleteSet = command<{ id: number }>('DELETE FROM sample_sets WHERE id = @id')
const setCount = command<{ id: number; n: number }>('UPDATE sample_sets SET n = @n WHERE id = @id')
const setInput = command<{ id: number; input: string }>('UPDATE sample_sets SET input = @input WHERE id = @id')
const finish = command<{ id: number; now: number }>('UPDATE sample_sets SET finished = @now WHERE id = @id')
const insertSample = command<Sample & { readonly set: number; readonly idx: number }>(`
  INSERT INTO samples (set_id, idx, image, v, u) VALUES (@set, @idx, @image, @v, @u)
`)
const selectSamples = query<{ set: number; from: number; to: number }, Sample & { readonly idx: number }>(`
  SELECT idx, image, v, u FROM samples WHERE set_id = @set AND idx >= @from AND idx < @to ORDER BY idx
`)
const selectSample = query<{ set: number; idx: number }, Sample>(`
  SELECT image, v, u FROM samples WHERE set_id = @set AND idx = @idx
`)

export const listSampleSets = (db: Readable): SampleSet[] => db.all(selectAll, {})
export const findSampleSet = (db: Readable, key: string): SampleSet | undefined => db.one(selectByKey, { key })
export const sampleSet = (db: Readable, id: number): SampleSet | undefined => db.one(selectById, { id })

/** Creates a set, with an empty matrix of activations for each layer. */
export const addSampleSet = (
  db: Writable,
  set: Omit<SampleSet, 'id' | 'n' | 'finished'>,
  layers: readonly { readonly name: string; readonly tensor: string; readonly channels: number }[],
): SampleSet =>
  db.write(() => {
    const id = db.insert(insertSet, set)
    for (const { name, tensor, channels } of layers)
      addDense(db, { set: id, tensor, layer: name, kind: 'activation', classifier: '', width: channels })
    return { ...set, id, n: 0, finished: null }
  })

/** Stores the preprocessing that an earlier version did not, recovered from the set's key. */
export const recordInput = (db: Writable, id: number, input: string): void => void db.run(setInput, { id, input })

/** Removes the set with its matrices, layouts and atlases. Icons stay: others may share them. */
export const removeSampleSet = (db: Writable, id: number): void => void db.run(deleteSet, { id })

/**
 * Appends a batch of samples with their activations at every layer, in one transaction: a killed process leaves either
 * all of it or nothing.
 * @param start       samples stored so far
 * @param activations by tensor: [samples, channels]
 * @returns samples stored now
 */
export const appendSamples = (
  db: Writable,
  set: number,
  start: number,
  samples: readonly Sample[],
  activations: ReadonlyMap<string, Float32Array | Float16Array>,
): number =>
  db.write(() => {
    const n = start + samples.length
    for (const [offset, { image, v, u }] of samples.entries())
      db.run(insertSample, { set, idx: start + offset, image, v, u })
    for (const [tensor, values] of activations) {
      const matrix = findActivations(db, set, tensor)
      if (matrix === undefined) throw new Error(`sample set ${set} has no layer ${tensor}`)
      const reached = appendDense(db, matrix, start, values)
      if (reached !== n) throw new Error(`${reached - start} activations at ${tensor} for ${samples.length} samples`)
    }
    db.run(setCount, { id: set, n })
    return n
  })

/** Updates the photographs of a set when some of them could not be read. */
export const rekeySampleSet = (db: Writable, id: number, key: string, images: string): void =>
  void db.run(setKey, { id, key, images })

/** Ids of the photographs that samples of the set lie in. */
export const imagesOfSet = (db: Readable, set: number): ReadonlySet<number> =>
  new Set(db.all(selectImagesOf, { set }).map(({ image }) => image))

/** Marks the set as complete. */
export const finishSampleSet = (db: Writable, id: number, now: number): void => void db.run(finish, { id, now })

/** Samples `from` to `to` − 1, in order. */
export const readSamples = (db: Readable, set: number, from: number, to: number): Sample[] =>
  db.all(selectSamples, { set, from, to })

/** Some samples by their indices. */
export const samplesAt = (db: Readable, set: number, indices: readonly number[]): ReadonlyMap<number, Sample> =>
  new Map(
    indices.map(idx => {
      const sample = db.one(selectSample, { set, idx })
      if (sample === undefined) throw contradictory(db.file, `sample set ${set} has no sample ${idx}`)
      return [idx, sample]
    }),
  )
