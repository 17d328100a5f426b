import { basename } from 'node:path'
import { z } from 'zod'
import { ahead } from '../images/batches.ts'
import { type ImageFile, type PhotographSource, readSource } from '../images/read.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import type { Slabs } from './slabs.ts'
import { type Order, type Part, PHOTOGRAPH_BYTES, PHOTOGRAPHS } from './unit.ts'

/** Photographs that are read before their units are full. */
const AHEAD = 4

/** A photograph as it was read here: its file, or why it cannot be read. */
export interface Read<T> {
  readonly source: T
  readonly read: ImageFile | UnreadableImage
}

/**
 * Reads photographs, and divides them into units, in their order.
 * @param slabs the memory that they are read into
 * @param most  photographs of a unit; several of one have at most `PHOTOGRAPH_BYTES`
 * @throws the reason of the signal
 */
export async function* inUnits<T extends PhotographSource>(
  sources: Iterable<T>,
  signal: AbortSignal,
  slabs: Slabs,
  most = PHOTOGRAPHS,
): AsyncGenerator<readonly Read<T>[], void, void> {
  let unit: Read<T>[] = []
  let bytes = 0
  for await (const one of ahead(sources, AHEAD, source => readOf(source, slabs))) {
    signal.throwIfAborted()
    const size = one.read instanceof UnreadableImage ? 0 : one.read.bytes.length
    if (unit.length === most || (unit.length > 0 && bytes + size > PHOTOGRAPH_BYTES)) {
      yield unit
      unit = []
      bytes = 0
    }
    unit.push(one)
    bytes += size
  }
  if (unit.length > 0) yield unit
}

async function readOf<T extends PhotographSource>(source: T, slabs: Slabs): Promise<Read<T>> {
  try {
    return { source, read: await readSource(source, bytes => slabs.take(bytes)) }
  } catch (error) {
    if (error instanceof UnreadableImage) return { source, read: error }
    throw error
  }
}

/** A photograph as a unit names it. */
export const photographOf = ({ file, hash, bytes }: ImageFile): Part & { readonly name: string } => ({
  name: basename(file).slice(0, 200),
  sha256: hash,
  bytes: bytes.length,
})

/**
 * The contents of a unit of photographs. They are read again if they are sent again: units that wait for their turn take no
 * memory here.
 */
export const contentsOf = (
  photographs: readonly { readonly source: PhotographSource; readonly file: ImageFile }[],
  slabs: Slabs,
): Pick<Order<unknown>, 'contents' | 'release'> => {
  const sources = photographs.map(({ source }) => source)
  let read: readonly Buffer[] | undefined = photographs.map(({ file }) => file.bytes)
  return {
    contents: async () => {
      const before = read
      read = undefined
      return before ?? Promise.all(sources.map(async source => (await readSource(source)).bytes))
    },
    release: contents => {
      for (const each of contents) slabs.give(each)
    },
  }
}

/** What a worker says of a photograph that it could not use. */
export const Unusable = z.strictObject({ reason: z.string().min(1).max(1000), damaged: z.boolean() })

export const unusable = ({ reason, hash }: UnreadableImage): z.infer<typeof Unusable> => ({
  reason: reason.slice(0, 1000),
  damaged: hash !== undefined,
})

/** The error of a photograph that a worker could not use. @param hash of the file that was sent */
export const errorOf = (file: string, { reason, damaged }: z.infer<typeof Unusable>, hash: string): UnreadableImage =>
  new UnreadableImage(file, reason, damaged ? { hash } : {})
