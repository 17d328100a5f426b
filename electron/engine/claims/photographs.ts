import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { isPhotographName } from '../images/find.ts'
import type { Classifier } from '../model/classifier.ts'
import { labelOfHint } from '../model/labels.ts'
import type { Candidate } from '../patch/experiment/population.ts'
import { addPatch, middleSquare } from '../patch/gallery.ts'
import type { Writable } from '../store/sql.ts'

/** The most patches of one claim: as many as the article has. */
const MOST_PATCHES = 10

/** The patches of one claim, and where they come from. */
export interface ClaimPatches {
  readonly patches: readonly number[]
  readonly from: string
}

/** Pictures in a folder and its sub-folders, by name. @throws UserError when it cannot be listed */
export async function picturesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter(entry => entry.isFile() && isPhotographName(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new UserError(
      `cannot list the folder of patches ${JSON.stringify(folder)}: ${error.message}; name another one`,
    )
  }
}

/** Whether a picture is one of `train`: `train-01.png`, or a file of the folder `train`. */
const isNamed = (file: string, name: string): boolean =>
  basename(dirname(file)) === name || new RegExp(`^${name}([^a-z]|$)`, 'i').test(basename(file, extname(file)))

/** Adds the pictures of a claim to the gallery. @param files of the folder of patches */
export async function givenPatches(
  db: Writable,
  files: readonly string[],
  name: string,
): Promise<ClaimPatches | undefined> {
  const own = files.filter(file => isNamed(file, name)).slice(0, MOST_PATCHES)
  if (own.length === 0) return undefined
  const patches: number[] = []
  for (const file of own) patches.push((await addPatch(db, { kind: 'file', file })).id)
  return { patches: [...new Set(patches)], from: `${own.length} pictures named ${name}` }
}

/**
 * Cuts patches from photographs of a class: the square in the middle of each that the network recognises, in the order of
 * their hashes; whether a patch works plays no part.
 * @param known the classes that the network predicts for each photograph, by hash, strongest first
 * @param tried hashes of the photographs that the patches will be tried on
 */
export async function cutPatches(
  db: Writable,
  classifier: Classifier,
  index: number,
  all: readonly Candidate[],
  known: ReadonlyMap<string, readonly number[]>,
  tried: ReadonlySet<string>,
): Promise<ClaimPatches> {
  const free = all.filter(({ hash }) => !tried.has(hash) && known.get(hash)?.[0] === index)
  const labelled = free.filter(({ hint }) => labelOfHint(classifier.labels, hint)?.index === index)
  const chosen = (labelled.length > 0 ? labelled : free)
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, MOST_PATCHES)
  const patches: number[] = []
  for (const { image } of chosen)
    patches.push((await addPatch(db, { kind: 'region', image, box: middleSquare(db, image) })).id)
  return {
    patches: [...new Set(patches)],
    from: `the middle squares of ${patches.length} photographs ${labelled.length > 0 ? 'labelled and predicted' : 'predicted'} as the class`,
  }
}
