import { decodeImage } from '../images/decode.ts'
import { type ImageFile, readImage } from '../images/read.ts'
import type { Classifier } from '../model/classifier.ts'
import { inputSize } from '../model/sidecar.ts'
import type { Ground } from './compose.ts'

type Takes = Pick<Classifier, 'preprocessing'>

/**
 * A photograph as the network takes it, [height, width, 3], resized with Lanczos as in the article's patch experiments:
 * sharper than the bilinear resizing that atlases use, so that logits differ a little from `portolan classify`. One
 * that is smaller than the network's input is enlarged.
 * @throws UnreadableImage
 */
export async function groundOf({ preprocessing }: Takes, photograph: string | ImageFile): Promise<Ground> {
  const { size, resize } = preprocessing
  const { rgb, box } = await decodeImage(photograph, { size, resize, kernel: 'lanczos' })
  return { rgb, ...inputSize(preprocessing), original: { width: box.width, height: box.height } }
}

/** A photograph at its own size, for export; places are counted in what the network sees of it. @throws UnreadableImage */
export async function fullGroundOf({ preprocessing }: Takes, photograph: string | ImageFile): Promise<Ground> {
  const { size, resize } = preprocessing
  const file = typeof photograph === 'string' ? await readImage(photograph) : photograph
  const { rgb, width, height } = await decodeImage(file)
  const { box } = await decodeImage(file, { size, resize })
  return { rgb, width, height, seen: box, original: { width: box.width, height: box.height } }
}
