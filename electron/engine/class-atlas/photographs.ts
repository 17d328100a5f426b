import { identityOf } from '../photographs/read.ts'
import { findImage } from '../store/photographs.ts'
import { samplesAt } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'

/** The photograph of each sample: a number, and its hash; both equal for copies of one photograph. */
interface SamplePhotographs {
  /** [samples] */
  readonly clusters: Int32Array
  /** [samples] */
  readonly hashes: readonly string[]
}

/** @param samples indices in the set */
export function photographsOf(db: Readable, set: number, samples: Uint32Array): SamplePhotographs {
  const places = samplesAt(db, set, Array.from(samples))
  const hashOfImage = new Map<number, string>()
  const hashes = Array.from(samples, s => {
    const { image } = places.get(s)!
    let hash = hashOfImage.get(image)
    if (hash === undefined) {
      const record = findImage(db, image)
      hash = record === undefined ? `row ${image}` : identityOf(record)
      hashOfImage.set(image, hash)
    }
    return hash
  })
  const numbers = new Map(Array.from(new Set(hashes), (hash, at) => [hash, at]))
  return { clusters: Int32Array.from(hashes, hash => numbers.get(hash)!), hashes }
}
