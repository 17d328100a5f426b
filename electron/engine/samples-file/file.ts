import { createHash } from 'node:crypto'
import { constants as modes } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import type { ZodError } from 'zod'
import { parseBounded } from '../../contract/bounded-json.ts'
import { reason, UserError } from '../../contract/errors.ts'
import { OutputDraft } from '../files/output.ts'
import { Contents, type Section, VERSION } from './contents.ts'

/*
 * A samples file: a magic number, sections compressed with Zstandard, the contents as JSON, the length of that (uint32,
 * little-endian), and the SHA-256 of everything before it. Numbers are little-endian.
 */
const MARK = Buffer.from('PORTOLAN SAMPLES')
const HASH = 32
const LENGTH = 4

/** Higher levels take many times as long and save one or two per cent. */
const LEVEL = 12
const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Writes a samples file under a temporary name until it is complete. */
export class SamplesWriter {
  readonly file: string
  readonly #draft: OutputDraft
  readonly #hash = createHash('sha256')
  readonly #sections: Section[] = []
  #at = 0

  private constructor(draft: OutputDraft) {
    this.file = draft.file
    this.#draft = draft
  }

  /** @throws UserError when the folder cannot be written to */
  static async create(file: string): Promise<SamplesWriter> {
    const writer = new SamplesWriter(await OutputDraft.create(file))
    try {
      await writer.#write(MARK)
      return writer
    } catch (error) {
      await writer.discard()
      throw error
    }
  }

  async add(section: Omit<Section, 'offset' | 'length'>, bytes: Uint8Array): Promise<void> {
    const packed = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
    this.#sections.push({ ...section, offset: this.#at, length: packed.length })
    await this.#write(packed)
  }

  /** Completes the file and renames it. @returns its size in bytes */
  async finish(contents: Omit<Contents, 'sections'>): Promise<number> {
    const complete = Contents.safeParse({ ...contents, sections: this.#sections })
    if (!complete.success)
      throw new UserError(
        `cannot write the samples ${JSON.stringify(this.file)}: the project's ${faultOf(complete.error)}; run "portolan project check" for details`,
      )
    const json = Buffer.from(JSON.stringify(complete.data))
    const length = Buffer.alloc(LENGTH)
    length.writeUInt32LE(json.length)
    await this.#write(json)
    await this.#write(length)
    await this.#write(this.#hash.copy().digest())
    await this.#draft.finish()
    return this.#at
  }

  /** Removes the temporary file of an unfinished export. */
  discard(): Promise<void> {
    return this.#draft.discard()
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#draft.write(bytes)
    this.#hash.update(bytes)
    this.#at += bytes.length
  }
}

/** An open samples file whose checksum was verified. */
export interface SamplesFile {
  readonly file: string
  /** SHA-256 of all but its last bytes: the identity of an import. */
  readonly hash: string
  readonly contents: Contents
  /**
   * The bytes of a section.
   * @param bytes their number
   */
  read(section: Section, bytes: number): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * Opens a samples file, after reading it once to verify its checksum.
 * @throws UserError when it is missing, another kind of file, truncated, damaged, or of a later version
 */
export async function openSamplesFile(file: string): Promise<SamplesFile> {
  let handle: FileHandle
  try {
    // Opening a named pipe would block.
    handle = await open(file, modes.O_RDONLY | modes.O_NONBLOCK)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new UserError(
      `cannot read the samples ${JSON.stringify(file)}: ${missing ? 'the file does not exist' : reason(error)}`,
      { cause: error },
    )
  }
  try {
    const { hash, contents } = await examine(file, handle)
    return {
      file,
      hash,
      contents,
      read: (section, bytes) => readSection(file, handle, section, bytes),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error instanceof UserError ? error : refused(file, reason(error), error)
  }
}

async function examine(file: string, handle: FileHandle): Promise<{ hash: string; contents: Contents }> {
  const about = await handle.stat()
  if (!about.isFile()) throw refused(file, 'it is not a file')
  const mark = await exactly(handle, 0, Math.min(about.size, MARK.length))
  if (!mark.equals(MARK)) throw refused(file, 'it is not a samples file; create one with portolan samples export')
  const end = about.size - HASH
  const truncated = 'it is truncated or damaged; copy it again'
  if (end - LENGTH < MARK.length) throw refused(file, truncated)
  const hash = createHash('sha256')
  for (let at = 0; at < end; ) {
    const piece = await exactly(handle, at, Math.min(1 << 20, end - at))
    hash.update(piece)
    at += piece.length
  }
  const digest = hash.digest()
  if (!digest.equals(await exactly(handle, end, HASH))) throw refused(file, truncated)

  const length = (await exactly(handle, end - LENGTH, LENGTH)).readUInt32LE()
  if (end - LENGTH - length < MARK.length) throw refused(file, truncated)
  const json = parsedJson(file, (await exactly(handle, end - LENGTH - length, length)).toString('utf8'))
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (typeof version === 'number' && version > VERSION)
    throw refused(
      file,
      `it was written by a newer Portolan (version ${version}, this one supports ${VERSION}); update Portolan`,
    )
  const parsed = Contents.safeParse(json)
  if (!parsed.success) throw refused(file, `its ${faultOf(parsed.error)}`)
  const beyond = parsed.data.sections.find(section => section.offset + section.length > end)
  if (beyond) throw refused(file, `its ${beyond.part} are beyond its end`)
  return { hash: digest.toString('hex'), contents: parsed.data }
}

/** `contents are wrong at "layers.0.name" (Too big: …)` */
const faultOf = ({ issues: [issue] }: ZodError): string => {
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at "${issue.path.join('.')}"`
  return `contents are wrong${where} (${issue?.message})`
}

const parsedJson = (file: string, text: string): unknown => {
  try {
    return parseBounded(text)
  } catch (error) {
    throw refused(file, `its contents are not JSON that can be used (${reason(error)})`, error)
  }
}

async function readSection(file: string, handle: FileHandle, section: Section, bytes: number): Promise<Uint8Array> {
  const packed = await exactly(handle, section.offset, section.length)
  const wrong = `its ${section.part}${section.layer ? ` of ${section.layer}` : ''} are not ${bytes} bytes`
  let unpacked: Buffer
  try {
    // A hostile file may unpack to any size, so the output is limited.
    unpacked = await decompress(packed, { maxOutputLength: Math.max(1, bytes) })
  } catch (error) {
    throw refused(file, wrong, error)
  }
  if (unpacked.length !== bytes) throw refused(file, wrong)
  return unpacked
}

/**
 * Finds a section of a file.
 * @throws UserError when the file has no such section
 */
export function sectionOf({ file, contents }: SamplesFile, key: Omit<Section, 'offset' | 'length'>): Section {
  const found = contents.sections.find(
    each =>
      each.part === key.part &&
      each.layer === key.layer &&
      each.layout === key.layout &&
      each.start === key.start &&
      each.count === key.count,
  )
  if (found) return found
  const { part, layer, start, count } = key
  throw refused(file, `it lacks the ${part}${layer ? ` of ${layer}` : ''} ${start} to ${start + count}`)
}

async function exactly(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done)
    if (bytesRead === 0) throw new Error('it was truncated while it was read')
    done += bytesRead
  }
  return bytes
}

const refused = (file: string, why: string, cause?: unknown): UserError =>
  new UserError(`cannot read the samples ${JSON.stringify(file)}: ${why}`, { cause })
