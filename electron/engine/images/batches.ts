import { type Box, type DecodeOptions, decodeImage, frameOf } from './decode.ts'
import { type PhotographSource, readSource } from './read.ts'
import { UnreadableImage } from './unreadable.ts'

interface BatchOptions extends DecodeOptions {
  readonly size: NonNullable<DecodeOptions['size']>
  /** Photographs in a batch; only the last one may have fewer. */
  readonly batch: number
  readonly signal?: AbortSignal | undefined
}

/** A photograph in a batch. `width`, `height` and `box` are those of `DecodedImage`. */
export interface BatchedImage<T> {
  readonly source: T
  /** SHA-256 of the file. */
  readonly hash: string
  readonly width: number
  readonly height: number
  readonly box: Box
}

export interface ImageBatch<T> {
  readonly images: readonly BatchedImage<T>[]
  /** sRGB, [images, height, width, 3]. */
  readonly bytes: Uint8Array
  /** Those between the last batch and this one that could not be read. */
  readonly unreadable: readonly { readonly source: T; readonly error: UnreadableImage }[]
}

/**
 * Reads and decodes photographs ahead of their use: while the caller works on one batch, the next one is decoded on the
 * platform's threads. Batches are in the order of the sources.
 * @param sources photographs to decode, by path and, if the content must be a certain one, hash
 * @throws the signal's reason when it is aborted; unreadable files are listed, and do not throw
 */
export async function* decodedBatches<T extends PhotographSource>(
  sources: Iterable<T>,
  { batch, signal, ...options }: BatchOptions,
): AsyncGenerator<ImageBatch<T>> {
  const { size } = options
  const decode = async (source: T) => {
    try {
      const file = await readSource(source)
      return { source, hash: file.hash, decoded: await decodeImage(file, options) }
    } catch (error) {
      if (error instanceof UnreadableImage) return { source, error }
      throw error
    }
  }
  const [height, width] = frameOf(size)
  const length = height * width * 3
  let images: BatchedImage<T>[] = []
  let unreadable: { source: T; error: UnreadableImage }[] = []
  let bytes = new Uint8Array(batch * length)
  for await (const done of ahead(sources, batch + 1, decode)) {
    signal?.throwIfAborted()
    if (done.error) {
      unreadable.push({ source: done.source, error: done.error })
      continue
    }
    const { source, hash, decoded } = done
    bytes.set(decoded.rgb, images.length * length)
    images.push({ source, hash, width: decoded.width, height: decoded.height, box: decoded.box })
    if (images.length < batch) continue
    yield { images, bytes, unreadable }
    images = []
    unreadable = []
    bytes = new Uint8Array(batch * length)
  }
  if (images.length || unreadable.length) yield { images, bytes: bytes.subarray(0, images.length * length), unreadable }
}

/** Calls a function for every item, in order, with up to `limit` calls in progress before their results are used. */
export async function* ahead<T, R>(
  items: Iterable<T>,
  limit: number,
  call: (item: T) => Promise<R>,
): AsyncGenerator<Awaited<R>> {
  const iterator = items[Symbol.iterator]()
  const running: Promise<R>[] = []
  const fill = () => {
    while (running.length < limit) {
      const next = iterator.next()
      if (next.done) return
      const result = call(next.value)
      // An error is thrown when its turn comes; until then it must not count as unhandled.
      result.catch(() => {})
      running.push(result)
    }
  }
  try {
    for (fill(); running.length > 0; fill()) yield await running.shift()!
  } finally {
    await Promise.allSettled(running)
  }
}
