import { createHash } from 'node:crypto'

/** What a result can be computed from: JSON, and arrays of numbers, which count by their bytes. */
export type KeyPart =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly KeyPart[]
  | NodeJS.TypedArray
  | { readonly [name: string]: KeyPart }

/** SHA-256 of bytes, in hexadecimal. */
export const sha256 = (bytes: string | NodeJS.ArrayBufferView): string =>
  createHash('sha256').update(bytes).digest('hex')

/**
 * One text for one value: names sorted, no spaces, undefined members left out as JSON does. So the order in which
 * parameters were written down does not matter, and their values do.
 * @throws Error for NaN and infinities, which JSON would silently turn into null
 */
export const canonical = (part: KeyPart): string => {
  if (part === undefined || part === null) return 'null'
  if (typeof part === 'number') {
    if (!Number.isFinite(part)) throw new Error(`a content key cannot hold ${part}`)
    return JSON.stringify(part)
  }
  if (typeof part !== 'object') return JSON.stringify(part)
  if (ArrayBuffer.isView(part)) return `${part[Symbol.toStringTag]}:${sha256(part)}`
  if (isList(part)) return `[${part.map(canonical).join(',')}]`
  const members = Object.entries(part)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`).join(',')}}`
}

// Array.isArray does not narrow a readonly array.
const isList = (part: object): part is readonly KeyPart[] => Array.isArray(part)

/** The key under which a result is kept: SHA-256 of all that it was computed from, 64 hexadecimal digits. */
export const contentKey = (parts: { readonly [name: string]: KeyPart }): string => sha256(canonical(parts))

/**
 * The key of a classifier: of all that its answers depend on, apart from the photograph. Class names are no part of it.
 * @param network hash of graph and weights
 * @param input   the preprocessing
 * @param logits  tensor
 * @param probabilities `sigmoid`, where the sidecar says so
 */
export const classifierKey = (parts: {
  readonly network: string
  readonly input: KeyPart
  readonly logits: string
  readonly probabilities?: 'sigmoid' | undefined
}): string => contentKey({ classifier: 2, ...parts })
