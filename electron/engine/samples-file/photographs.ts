import { basename, join, resolve } from 'node:path'
import type { Credit } from '../../contract/credit.ts'
import { reason, UserError } from '../../contract/errors.ts'
import { ahead } from '../images/batches.ts'
import { findImages } from '../images/find.ts'
import { readImage } from '../images/read.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import { creditsIn } from '../photographs/enter.ts'
import { asUint32 } from '../store/bytes.ts'
import { putCredit } from '../store/credits.ts'
import {
  addAbsentFolder,
  findImage,
  listFolders,
  type Photograph,
  putFolder,
  relinkFolder,
} from '../store/photographs.ts'
import { readSamples, type SampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import { Names } from './contents.ts'
import { type SamplesFile, sectionOf } from './file.ts'

/** Longest edge of a photograph in a project, pixels. */
const MAX_EDGE = 2 ** 31

/** Files read concurrently. */
const AHEAD = 8

/** The photographs of a samples file, by number. */
export async function photographsOf(samples: SamplesFile): Promise<readonly Photograph[]> {
  const { hash, contents } = samples
  const { photographs } = contents
  const section = sectionOf(samples, { part: 'photographs', start: 0, count: photographs })
  const sizes = asUint32(await samples.read(section, 8 * photographs))
  for (let number = 0; number < photographs; number++) {
    const [width, height] = [sizes[2 * number]!, sizes[2 * number + 1]!]
    if ((width === 0) !== (height === 0) || width > MAX_EDGE || height > MAX_EDGE)
      throw new UserError(
        `cannot read the samples ${JSON.stringify(samples.file)}: photograph ${number} has ${width} × ${height} pixels`,
      )
  }
  const names = await namesIn(samples)
  const digits = String(photographs).length
  return Array.from({ length: photographs }, (_, number) => ({
    status: 'ok',
    width: sizes[2 * number]!,
    height: sizes[2 * number + 1]!,
    // Without names the hash of a file is not stored; this one distinguishes photographs as well.
    ...(names?.[number] ?? {
      relative: `photograph ${String(number + 1).padStart(digits, '0')}`,
      class: null,
      hash: `${hash}:${number}`,
    }),
  }))
}

async function namesIn(samples: SamplesFile): Promise<Names | undefined> {
  const { names, photographs } = samples.contents
  if (names === null) return undefined
  const bytes = await samples.read(sectionOf(samples, { part: 'names', start: 0, count: photographs }), names)
  const refuse = (why: string): never => {
    throw new UserError(`cannot read the samples ${JSON.stringify(samples.file)}: ${why}`)
  }
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    refuse(`the names of their photographs are not JSON (${reason(error)})`)
  }
  const wrong = `their names are not those of ${photographs} distinct photographs in one folder`
  if (!Array.isArray(json) || json.length !== photographs) return refuse(wrong)
  // One by one: all faults of a million names would not fit in memory.
  const found = json.map(each => Names.element.safeParse(each).data ?? refuse(wrong))
  if (new Set(found.map(({ relative }) => relative)).size !== photographs) refuse(wrong)
  return found
}

/** Paths and credits of the photographs of samples, by hash. */
export interface Place {
  readonly folder: string
  readonly credits: ReadonlyMap<string, Credit>
}

/**
 * Finds the files that samples were drawn from, and verifies their bytes.
 * @throws UserError when the file has no names, or a photograph is missing or has other bytes
 */
export async function findSampled(samples: SamplesFile, folder: string, signal: AbortSignal): Promise<Place> {
  const photographs = `the photographs of ${basename(samples.file)}`
  if (samples.contents.names === null)
    throw new UserError(`cannot look for ${photographs} in ${folder}: the file has no names; export it with --names`)
  const read = async (photograph: Photograph) => {
    const file = join(folder, photograph.relative)
    try {
      return { photograph, file, hash: (await readImage(file)).hash }
    } catch (error) {
      if (error instanceof UnreadableImage)
        throw new UserError(
          `cannot find ${photographs}: ${file}: ${error.reason}; choose the folder that contains them`,
        )
      throw error
    }
  }
  const credits = new Map<string, Credit>()
  const { of } = await creditsIn(await findImages([folder], signal))
  for await (const { photograph, file, hash } of ahead(await photographsOf(samples), AHEAD, read)) {
    signal.throwIfAborted()
    if (hash !== photograph.hash)
      throw new UserError(
        `cannot use ${folder} for ${photographs}: ${file} is not the sampled picture; choose the folder that contains the originals`,
      )
    const credit = of.get(resolve(file))
    if (credit) credits.set(hash, credit)
  }
  return { folder, credits }
}

/** Adds a folder for the photographs of samples: with its path if they were found, else by name only. @returns its id */
export function enterPlace(db: Writable, { file }: SamplesFile, place: Place | undefined): number {
  if (place === undefined) return addAbsentFolder(db, `photographs of ${basename(file)}`)
  for (const [hash, credit] of place.credits) putCredit(db, hash, credit)
  return putFolder(db, place.folder, basename(place.folder))
}

/** The stored folder of the photographs of a set; null without a path. */
export function placeOfSet(db: Writable, set: SampleSet): { readonly id: number; readonly path: string | null } {
  const [first] = readSamples(db, set.id, 0, 1)
  const folder = findImage(db, first!.image)!.folder
  return listFolders(db).find(({ id }) => id === folder)!
}

/** Updates the folder of the photographs of a set. */
export function movePlace(db: Writable, set: SampleSet, { folder, credits }: Place): void {
  db.write(() => {
    relinkFolder(db, placeOfSet(db, set).id, folder)
    for (const [hash, credit] of credits) putCredit(db, hash, credit)
  })
}
