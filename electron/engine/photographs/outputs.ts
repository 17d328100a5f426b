import { existsSync } from 'node:fs'
import { requireSeparate } from '../files/output.ts'
import { isPhotographName } from '../images/find.ts'
import { modelFiles } from '../model/files.ts'
import { listFolders } from '../store/photographs.ts'
import type { Readable } from '../store/sql.ts'

/** Files that a command reads or changes while it writes an output. */
interface CommandInputs {
  readonly models?: readonly string[]
  /** A project file, with SQLite's files beside it. */
  readonly project?: string
  /** Photographs, patches and other files. */
  readonly files?: readonly (string | undefined)[]
  /** Folders of photographs. */
  readonly folders?: readonly string[]
}

/**
 * Refuses outputs that are among the inputs, before work begins.
 * @param outputs files to be written; undefined for an unused option
 * @throws UserError, wrong usage
 */
export async function requireOutputs(
  outputs: readonly (string | undefined)[],
  { models = [], project, files = [], folders = [] }: CommandInputs,
): Promise<void> {
  // A missing file cannot be an input: a model's data files are looked up only if an output exists.
  const some = outputs.some(file => file !== undefined && existsSync(file))
  const ofModels = some ? (await Promise.all(models.map(modelFiles))).flat() : []
  const ofProject = project === undefined ? [] : ['', '-wal', '-shm', '-journal'].map(ending => project + ending)
  await requireSeparate(outputs, [...ofModels, ...ofProject, ...files])
  // A table or JSON in a folder of photographs is not a photograph.
  const pictures = outputs.filter(file => file !== undefined && isPhotographName(file))
  await requireSeparate(pictures, [], folders)
}

/** The folders of a project's photographs that are on this machine. */
export const photographFolders = (db: Readable): readonly string[] =>
  listFolders(db).flatMap(({ path }) => (path === null ? [] : [path]))
