import { createHash } from 'node:crypto'

/** The parameters of a result: JSON, and arrays of numbers, which are hashed by their bytes. */
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
 * The canonical JSON of a value: names sorted, no spaces, no undefined members. The order in which parameters are
 * written does not change the key.
 * @throws Error for NaN and infinities, which JSON would turn into null
 */
export const canonical = (part: KeyPart): string => {
  if (part === undefined || part === null) return 'null'
  if (typeof part === 'number') {
    if (!Number.isFinite(part)) throw new Error(`a content key cannot contain ${part}`)
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

/** The content key of a result: SHA-256 of its parameters, 64 hexadecimal digits. */
export const contentKey = (parts: { readonly [name: string]: KeyPart }): string => sha256(canonical(parts))

/** The key of a job: equal work has equal keys. */
export const jobKey = (kind: string, params: KeyPart): string => contentKey({ kind, params })

/**
 * Parameters in the form in which they enter the keys of atlases and plans: the minimum number of samples of a cell under
 * the name that it had at first. Under another name every key would differ, and nothing that is stored would be found.
 * The order of the members stays.
 */
export const keyForm = (params: { readonly [name: string]: KeyPart }): { readonly [name: string]: KeyPart } =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name === 'minSamples' ? 'least' : name, value]))

/**
 * The key of a classifier: of everything that its predictions depend on, apart from the photograph. Class names are not
 * part of it.
 * @param network hash of graph and weights
 * @param input   the preprocessing
 * @param logits  tensor
 * @param probabilities `sigmoid`, if the sidecar has that value
 */
export const classifierKey = (parts: {
  readonly network: string
  readonly input: KeyPart
  readonly logits: string
  readonly probabilities?: 'sigmoid' | undefined
}): string => contentKey({ classifier: 2, ...parts })
