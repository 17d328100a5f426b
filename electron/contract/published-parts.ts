/**
 * Values as text, for the data of a published page: JSON with its typed arrays behind it, compressed (deflate), in base64.
 * Writer and reader run in Node and in browsers alike.
 */

const ARRAYS = { Float32Array, Uint32Array, Int32Array, Uint16Array, Int16Array, Int8Array, Uint8Array } as const
type Name = keyof typeof ARRAYS
type Column = InstanceType<(typeof ARRAYS)[Name]>

/** In place of an array: its type, offset in bytes and length. */
const MARK = '$array'

const nameOf = (value: unknown): Name | undefined =>
  (Object.keys(ARRAYS) as Name[]).find(name => value instanceof ARRAYS[name])

/** @throws TypeError for a number that JSON has no form for: it would be read as null */
export async function pack(value: unknown): Promise<string> {
  const columns: Column[] = []
  let offset = 0
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError('a number that is not finite')
    const name = nameOf(part)
    if (name === undefined) return part
    const column = part as Column
    const at = offset
    columns.push(column)
    // Aligned for every type.
    offset += Math.ceil(column.byteLength / 4) * 4
    return { [MARK]: [name, at, column.length] }
  })
  const head = new TextEncoder().encode(text)
  const start = 4 + Math.ceil(head.length / 4) * 4
  const bytes = new Uint8Array(start + offset)
  new DataView(bytes.buffer).setUint32(0, head.length, true)
  bytes.set(head, 4)
  let at = start
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at)
    at += Math.ceil(column.byteLength / 4) * 4
  }
  return toBase64(await through(bytes, new CompressionStream('deflate-raw')))
}

/** @throws when the text was not made by `pack` */
export async function unpack(text: string): Promise<unknown> {
  const bytes = await through(fromBase64(text), new DecompressionStream('deflate-raw'))
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const start = 4 + Math.ceil(length / 4) * 4
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)), (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || !(MARK in part)) return part
    const [name, at, count] = part[MARK] as [Name, number, number]
    return new ARRAYS[name](bytes.buffer as ArrayBuffer, start + at, count)
  })
}

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const writer = stream.writable.getWriter()
  // Its failure is that of reading, too.
  writer.write(bytes as BufferSource).catch(() => {})
  writer.close().catch(() => {})
  return new Uint8Array(await new Response(stream.readable).arrayBuffer())
}

/** Characters of one call: more arguments than that overflow the stack. */
const CHUNK = 0x8000

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}

export function fromBase64(text: string): Uint8Array {
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at)
  return bytes
}
