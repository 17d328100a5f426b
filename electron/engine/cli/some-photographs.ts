import { UserError } from '../../contract/errors.ts'
import { decodedBatches } from '../images/batches.ts'
import { findImages } from '../images/find.ts'
import type { Classifier } from '../model/classifier.ts'

/** Photographs that are looked at to check the preprocessing: varied enough, and a few seconds. */
const LOOKED_AT = 24
/** Fewer say too little. */
const FEWEST = 12

/**
 * Some photographs, spread over folders whose order is often that of the classes, as the network sees them.
 * @returns sRGB, [n, size, size, 3]; undefined when there are too few that can be read
 */
export async function somePhotographs(
  { preprocessing: { size, resize } }: Classifier,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { images } = await findImages(folders, signal)
  const step = Math.max(1, images.length / LOOKED_AT)
  const chosen = Array.from({ length: Math.min(LOOKED_AT, images.length) }, (_, i) => images[Math.floor(i * step)]!)
  for await (const batch of decodedBatches(chosen, { size, resize, batch: LOOKED_AT, signal }))
    return batch.images.length < FEWEST ? undefined : batch.bytes
  throw new UserError(`there are no photographs in ${folders.join(', ')}; name a folder that holds some`)
}
