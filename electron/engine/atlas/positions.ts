import type { AtlasRecord } from '../store/atlases.ts'
import { layoutPositions } from '../store/layouts.ts'
import { sampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { subsetPositions } from '../store/subset-layouts.ts'

/** [n, 2]: the positions of the samples of an atlas's set; NaN for those that are not part of the atlas. */
export function positionsInSet(db: Readable, { layout, set }: Pick<AtlasRecord, 'layout' | 'set'>): Float32Array {
  const part = subsetPositions(db, layout)
  if (part === undefined) return layoutPositions(db, layout)
  const positions = new Float32Array(2 * sampleSet(db, set)!.n).fill(Number.NaN)
  for (const [at, sample] of part.samples.entries()) positions.set(part.xy.subarray(2 * at, 2 * at + 2), 2 * sample)
  return positions
}
