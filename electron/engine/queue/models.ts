import { open, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseBounded } from '../../contract/bounded-json.ts'
import { UserError } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import type { Classifier } from '../model/classifier.ts'
import { networkIn } from '../model/file.ts'
import { KEPT, modelKey, modelPieceKey } from './keys.ts'

/** Bytes of a piece of a file: a value of Redis has at most 512 MiB, and each is in memory at once. */
const PIECE = 16 * 2 ** 20
/** Bytes of the weights of a network, all files together: as much as the largest classifiers have. */
const MOST_BYTES = 16 * 2 ** 30
const FILES = 64
const MANIFEST_BYTES = 2 ** 16

const Manifest = z.strictObject({
  files: z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(255)
          // A name in one folder, on any system.
          .regex(/^[^/\\:\0]+$/)
          .refine(name => name !== '.' && name !== '..'),
        bytes: z.int().min(0).max(MOST_BYTES),
      }),
    )
    .min(1)
    .max(FILES),
})
type Manifest = z.infer<typeof Manifest>

/** The name of the graph among the files of a network that was received. */
const GRAPH = 'network.onnx'

const piecesOf = ({ files }: Manifest): readonly { file: number; piece: number; bytes: number }[] =>
  files.flatMap(({ bytes }, file) =>
    Array.from({ length: Math.max(1, Math.ceil(bytes / PIECE)) }, (_, piece) => ({
      file,
      piece,
      bytes: Math.min(PIECE, bytes - piece * PIECE),
    })),
  )

/**
 * Puts the files of a network where workers fetch them, unless they are there.
 * @returns a function that keeps them there for another while, and sends them again where they were lost
 * @throws UserError when the file has another network by now
 */
export async function sendModel(redis: Redis, { file, hash, name }: Classifier): Promise<() => Promise<void>> {
  const network = await networkIn(file)
  if (network.hash !== hash)
    throw new UserError(`${file} is not the model "${name}" any more: restore it, or build again with this one`)
  const paths = [network.file, ...network.data.map(each => join(dirname(network.file), each))]
  const manifest: Manifest = { files: [] }
  for (const [i, path] of paths.entries()) {
    await using handle = await open(path)
    const { size } = await handle.stat()
    manifest.files.push({ name: i === 0 ? GRAPH : basename(path), bytes: size })
  }
  const pieces = piecesOf(manifest)
  const keys = [modelKey(hash), ...pieces.map(({ file: f, piece }) => modelPieceKey(hash, f, piece))]
  const send = async (): Promise<void> => {
    for (const [i, path] of paths.entries()) {
      await using handle = await open(path)
      for (const { file: f, piece, bytes } of pieces) {
        if (f !== i) continue
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, piece * PIECE)
        if (bytesRead !== bytes) throw new UserError(`${path} was changed while it was read; build again`)
        await redis.setex(modelPieceKey(hash, f, piece), KEPT, buffer)
      }
    }
    // Last, so that it names what is there.
    await redis.setex(modelKey(hash), KEPT, JSON.stringify(manifest))
  }
  const keep = async (): Promise<void> => {
    const lengths = await Promise.all([
      redis.strlen(modelKey(hash)),
      ...pieces.map(({ file: f, piece }) => redis.strlen(modelPieceKey(hash, f, piece))),
    ])
    const there = lengths[0]! > 0 && pieces.every(({ bytes }, i) => lengths[i + 1] === bytes)
    if (!there) return send()
    await Promise.all(keys.map(key => redis.expire(key, KEPT)))
  }
  await keep()
  return keep
}

/** What was sent instead of a network, or that it is not there (any more). */
export class ModelNotReceived extends Error {}

/**
 * Fetches the files of a network, and checks that they are it.
 * @param folder an empty one
 * @returns the path of the graph
 * @throws ModelNotReceived
 */
export async function receiveModel(redis: Redis, network: string, folder: string): Promise<string> {
  if ((await redis.strlen(modelKey(network))) > MANIFEST_BYTES)
    throw new ModelNotReceived('its list of files is too long')
  const text = await redis.get(modelKey(network))
  if (text === null) throw new ModelNotReceived('it is not in the queue yet')
  const manifest = manifestIn(text)
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total > MOST_BYTES || manifest.files[0]!.bytes > BOUNDS.modelBytes)
    throw new ModelNotReceived('its files are larger than any network')
  const pieces = piecesOf(manifest)
  for (const [i, { name }] of manifest.files.entries()) {
    const path = join(folder, i === 0 ? GRAPH : name)
    await writeFile(path, '')
    await using handle = await open(path, 'r+')
    for (const { file, piece, bytes } of pieces) {
      if (file !== i) continue
      const key = modelPieceKey(network, file, piece)
      const length = await redis.strlen(key)
      if (length !== bytes) throw new ModelNotReceived(`a piece of it has ${length} bytes instead of ${bytes}`)
      await handle.write((await redis.getBuffer(key)) ?? Buffer.alloc(0), 0, bytes, piece * PIECE)
    }
  }
  const graph = join(folder, GRAPH)
  const received = await networkIn(graph).catch((cause: unknown) => {
    throw new ModelNotReceived('it is not a network', { cause })
  })
  if (received.hash !== network)
    throw new ModelNotReceived(`its bytes are those of another (${received.hash.slice(0, 12)}…)`)
  return graph
}

function manifestIn(text: string): Manifest {
  try {
    return Manifest.parse(parseBounded(text))
  } catch (cause) {
    throw new ModelNotReceived('its list of files cannot be read', { cause })
  }
}
