import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { fileReason } from '../images/read.ts'
import type { Label } from './classifier.ts'
import { decodeText, readTextFile } from './text-file.ts'

/** Class indices are stored in 16 bits, of which the largest is no class. */
const MAX_CLASSES = 65_535

/**
 * The classes of a label file or list, in the order of the network's outputs, in Unicode's composed form (NFC).
 *
 * A synset is followed by WordNet's synonyms, separated by commas. A line without a synset is split in the same way,
 * unless another line starts with the same part: `bottle, beer` and `bottle, wine` are two complete names.
 * @param lines `n02012849 crane`, `n01440764 tench, Tinca tinca`, or names alone; every line is a class
 * @param file  their origin, for messages
 * @throws UserError when a line is empty, or there are more than a network may have classes
 */
export function parseLabels(lines: readonly string[], file: string): readonly Label[] {
  if (lines.length > MAX_CLASSES)
    throw new UserError(
      `cannot use ${file}: it has ${lines.length} lines, and a network may have at most ${MAX_CLASSES} classes`,
    )
  const parsed = lines.map((line, index) => {
    const [, synset = '', names = ''] = /^(n\d{8}(?!\d))?\s*(.*)$/s.exec(line.normalize('NFC').trim()) ?? []
    const fullName = names.replaceAll(/\s+/g, ' ')
    const parts = fullName
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)
    if (parts.length === 0 && !synset)
      throw new UserError(`cannot use ${file}: line ${index + 1} is empty, but every line is a class`)
    return { index, synset, fullName, parts }
  })
  const starts = new Map<string, number>()
  for (const { synset, parts } of parsed)
    if (!synset) starts.set(parts[0]!.toLowerCase(), (starts.get(parts[0]!.toLowerCase()) ?? 0) + 1)
  return parsed.map(({ index, synset, fullName, parts }) => {
    const [name = synset, ...synonyms] = parts
    const shared = !synset && parts.length > 1 && starts.get(name.toLowerCase())! > 1
    return shared ? { index, synset, name: fullName, synonyms: parts } : { index, synset, name, synonyms }
  })
}

/**
 * Reads the label file that a sidecar names. A model is an untrusted file: only files in its folder are read.
 * @param model the model file
 * @param name  name of the label file, without a folder
 */
export async function readLabels(model: string, name: string): Promise<readonly Label[]> {
  const folder = dirname(model)
  const refuse = (why: string, cause?: unknown): never => {
    throw new UserError(`cannot read the labels ${JSON.stringify(name)} of ${basename(model)}: ${why}`, { cause })
  }
  if (name === '.' || name === '..' || /[\\/\0]/.test(name))
    return refuse('a label file must be in the folder of the model and be named without the folder')
  try {
    const path = await realpath(join(folder, name))
    if (dirname(path) !== (await realpath(folder))) return refuse('it is a link that leads out of the model’s folder')
    const content = decodeText(await readTextFile(path), name)
    return parseLabels(content.trimEnd().split(/\r\n|\n|\r/), name)
  } catch (error) {
    if (error instanceof UserError) throw error
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return refuse(missing ? 'it is not in the folder of the model' : fileReason(error), error)
  }
}

/** The lines of a label file that the user chose, each a class. @throws UserError when they are no labels */
export async function readLabelLines(file: string): Promise<readonly string[]> {
  try {
    const lines = decodeText(await readTextFile(file), file)
      .trimEnd()
      .split(/\r\n|\n|\r/)
    parseLabels(lines, basename(file))
    return lines
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`cannot read ${file}: ${fileReason(error)}`, { cause: error })
  }
}

/** Classes without names: `class 0`, `class 1`, … */
export const namelessLabels = (classes: number): readonly Label[] =>
  Array.from({ length: classes }, (_, index) => ({ index, synset: '', name: `class ${index}`, synonyms: [] }))
