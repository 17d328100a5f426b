import type { z } from 'zod'
import { parseBounded } from '../../contract/bounded-json.ts'

/** A result that is not what its unit asked for; nothing of it is used. The message completes `its result … `. */
export class RefusedResult extends Error {}

/** Longest description of a result: one of 512 icons takes 100 kB. */
const DESCRIPTION_BYTES = 4 * 2 ** 20
const PREFIX = 8

/**
 * A description and arrays of numbers, as one run of bytes: the length of the description and the number of arrays
 * (uint32, little endian), the lengths of the arrays (uint32 each), the description as JSON, and the arrays.
 */
export function packed(description: unknown, sections: readonly Uint8Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(description))
  const head = Buffer.alloc(PREFIX + 4 * sections.length)
  head.writeUInt32LE(json.length, 0)
  head.writeUInt32LE(sections.length, 4)
  for (const [i, { length }] of sections.entries()) head.writeUInt32LE(length, PREFIX + 4 * i)
  return Buffer.concat([head, json, ...sections])
}

/**
 * @param bytes    from anywhere
 * @param sections how many arrays there must be
 * @returns the description and the arrays, without copies
 * @throws RefusedResult when they are not of that form
 */
export function unpacked<S extends z.ZodType>(
  bytes: Uint8Array,
  schema: S,
  sections: number,
): { readonly description: z.output<S>; readonly sections: readonly Uint8Array[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = PREFIX + 4 * sections
  if (bytes.length < start || view.getUint32(4, true) !== sections) throw new RefusedResult('is cut off')
  const length = view.getUint32(0, true)
  const lengths = Array.from({ length: sections }, (_, i) => view.getUint32(PREFIX + 4 * i, true))
  if (length > DESCRIPTION_BYTES || start + length + lengths.reduce((sum, each) => sum + each, 0) !== bytes.length)
    throw new RefusedResult('has other lengths than it says')
  let json: unknown
  try {
    json = parseBounded(Buffer.from(bytes.subarray(start, start + length)).toString())
  } catch {
    throw new RefusedResult('has a description that is not JSON')
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new RefusedResult(`has a wrong "${issue!.path.join('.')}": ${issue!.message}`)
  }
  let at = start + length
  return {
    description: parsed.data,
    sections: lengths.map(each => {
      const section = bytes.subarray(at, at + each)
      at += each
      return section
    }),
  }
}
