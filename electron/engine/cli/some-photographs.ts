import { UserError } from '../../contract/errors.ts'
import { decodedBatches } from '../images/batches.ts'
import { findImages } from '../images/find.ts'
import type { Classifier } from '../model/classifier.ts'

/** Photographs to check the preprocessing with: varied enough, and read within seconds. */
const CHECKED = 24
/** Fewer are too few for the check. */
const MINIMUM = 12

/**
 * Some photographs, spread evenly over folders, whose order is often that of the classes, preprocessed for the network.
 * @returns sRGB, [n, size, size, 3]; undefined when too few can be read
 */
export async function somePhotographs(
  { preprocessing: { size, resize } }: Classifier,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { images } = await findImages(folders, signal)
  const step = Math.max(1, images.length / CHECKED)
  const chosen = Array.from({ length: Math.min(CHECKED, images.length) }, (_, i) => images[Math.floor(i * step)]!)
  for await (const batch of decodedBatches(chosen, { size, resize, batch: CHECKED, signal }))
    return batch.images.length < MINIMUM ? undefined : batch.bytes
  throw new UserError(`no photographs in ${folders.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`)
}
