import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { LRUCache } from 'lru-cache'
import { UserError } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { fileReason, readRegular, sha256 } from '../images/read.ts'
import { openExternal } from '../onnx/external.ts'
import { externalFiles } from '../onnx/external-files.ts'
import type { Graph } from '../onnx/graph.ts'
import { moduleNames } from '../onnx/module-names.ts'
import { readGraph } from '../onnx/read.ts'

/** A network on the disk: the .onnx file and the files of external weights that it names. */
export interface NetworkFiles {
  /** Absolute path of the .onnx file. */
  readonly file: string
  /**
   * Identity of the network, hex: SHA-256 of the .onnx file; with external weights, of that hash and the SHA-256 of
   * each
   * file of weights.
   */
  readonly hash: string
  /** SHA-256 of the .onnx file alone. */
  readonly graphHash: string
  /** Names of the files of external weights, in the folder of the .onnx file. */
  readonly data: readonly string[]
}

/** A model file, parsed but not prepared. */
export interface ModelFile extends NetworkFiles {
  readonly graph: Graph
  /** The module of PyTorch that computes each value (`moduleNames`). */
  readonly modules: ReadonlyMap<string, string>
}

/**
 * Networks that were read, valid while their files are unchanged: the last few complete, of others the identity. By
 * absolute path; another path to the same file is read again.
 */
const networks = new LRUCache<string, Signed<NetworkFiles>>({ max: 64 })
const models = new LRUCache<string, Signed<ModelFile>>({ max: 3 })
interface Signed<T> {
  readonly signature: string
  readonly value: T
}

/**
 * Reads a network with its weights.
 * @throws UserError when a file cannot be read, or is not ONNX
 */
export async function readModel(file: string): Promise<ModelFile> {
  const path = resolve(file)
  const known = models.get(path)
  if (known && (await signatureOf(known.value)) === known.signature) return known.value
  const { bytes, network, signature } = await readNetwork(file)
  const graph = readGraph(bytes, { file: basename(path), folder: dirname(path) })
  const model = { ...network, graph, modules: moduleNames(bytes) }
  free(bytes)
  await requireUnchanged(network, signature)
  if (isSettled(signature)) models.set(path, { signature: signature.text, value: model })
  else models.delete(path)
  return model
}

/** Frees the bytes of a file at once: of a large model they would stay beside its weights until garbage is collected. */
function free({ buffer, byteLength }: Buffer): void {
  // Small files lie in a pool that others use too.
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/**
 * The identity of the network in a file, without its graph.
 * @throws UserError as `readModel`, for files that cannot be read
 */
export async function networkIn(file: string): Promise<NetworkFiles> {
  const path = resolve(file)
  const known = networks.get(path)
  if (known && (await signatureOf(known.value)) === known.signature) return known.value
  return (await readNetwork(file)).network
}

async function readNetwork(file: string) {
  const path = resolve(file)
  const before = Date.now()
  const first = await signatureOf({ file: path, data: [] })
  let bytes: Buffer
  try {
    bytes = await readRegular(path, BOUNDS.modelBytes)
  } catch (cause) {
    throw new UserError(`cannot read the model ${JSON.stringify(file)}: ${fileReason(cause)}`, { cause })
  }
  const data = externalFiles(bytes, basename(path))
  const signature: Signature = { text: await signatureOf({ file: path, data }), before }
  const known = networks.get(path)
  // Weights may be gigabytes: unchanged files are not hashed again.
  const network = known?.signature === signature.text ? known.value : await hashed(path, bytes, data)
  if (!signature.text.startsWith(first)) throw changed(network)
  await requireUnchanged(network, signature)
  if (isSettled(signature)) networks.set(path, { signature: signature.text, value: network })
  else networks.delete(path)
  return { bytes, network, signature }
}

async function hashed(path: string, bytes: Buffer, data: readonly string[]): Promise<NetworkFiles> {
  const graphHash = sha256(bytes)
  const hash = data.length === 0 ? graphHash : await hashOfAll(path, graphHash, data)
  return { file: path, hash, graphHash, data }
}

/** The hash of an .onnx file with its files of weights, which are read in pieces, in the order of their names. */
async function hashOfAll(path: string, graphHash: string, data: readonly string[]): Promise<string> {
  const all = createHash('sha256').update(`network of ${data.length + 1} files\n${graphHash}\n`)
  for (const name of data) {
    const fileHash = createHash('sha256')
    const { handle } = openExternal(basename(path), dirname(path), name)
    // The stream closes the file, also on errors.
    for await (const piece of createReadStream('', { fd: handle, highWaterMark: 1 << 20 })) fileHash.update(piece)
    all.update(`${JSON.stringify(name)} ${fileHash.digest('hex')}\n`)
  }
  return all.digest('hex')
}

interface Signature {
  readonly text: string
  /** Time at the start of reading, in milliseconds since 1970. */
  readonly before: number
}

/** The attributes of the files in the file system, which change when one of them is written or replaced. */
async function signatureOf({ file, data }: Pick<NetworkFiles, 'file' | 'data'>): Promise<string> {
  const files = [file, ...data.map(name => join(dirname(file), name))]
  const parts = await Promise.all(
    files.map(async path => {
      const about = await stat(path, { bigint: true }).catch(() => undefined)
      return about ? `${about.dev}:${about.ino}:${about.size}:${about.mtimeNs}:${about.ctimeNs}` : 'missing'
    }),
  )
  return parts.join(' ')
}

async function requireUnchanged(network: NetworkFiles, { text }: Signature): Promise<void> {
  if ((await signatureOf(network)) !== text) throw changed(network)
}

const changed = ({ file }: NetworkFiles): UserError =>
  new UserError(`${file} was changed while it was read; try again when it is completely written`)

/** Time stamps of file systems have a resolution of up to two seconds: a second write within it may go undetected. */
const TICK = 2_000

function isSettled({ text, before }: Signature): boolean {
  return text
    .split(' ')
    .every(part => part !== 'missing' && Number(BigInt(part.split(':').at(-1)!) / 1_000_000n) < before - TICK)
}
