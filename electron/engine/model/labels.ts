import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { UserError } from '../../contract/errors.ts'
import type { Label } from './classifier.ts'

/**
 * The classes of a label file or list, in the order of the network's outputs.
 * @param lines `n02012849 crane`, `n01440764 tench, Tinca tinca`, or names alone; every line is a class
 * @param file  where they come from, for messages
 * @throws UserError when a line is empty
 */
export function parseLabels(lines: readonly string[], file: string): readonly Label[] {
  return lines.map((line, index) => {
    const [, synset = '', names = ''] = /^(n\d{8})?\s*(.*)$/.exec(line.trim()) ?? []
    const [name, ...synonyms] = names
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)
    if (name === undefined && !synset)
      throw new UserError(`cannot use ${file}: line ${index + 1} is empty, but every line is a class`)
    return { index, synset, name: name ?? synset, synonyms }
  })
}

/**
 * Reads the label file that a sidecar names. A model is a file from a stranger: only what lies beside it is read.
 * @param model the model file
 * @param name  name of the label file, without a folder
 */
export async function readLabels(model: string, name: string): Promise<readonly Label[]> {
  const folder = dirname(model)
  const refuse = (why: string, cause?: unknown): never => {
    throw new UserError(`cannot read the labels ${JSON.stringify(name)} of ${basename(model)}: ${why}`, { cause })
  }
  if (name === '.' || name === '..' || /[\\/\0]/.test(name))
    return refuse('a label file must lie beside the model and be named without its folder')
  try {
    const path = await realpath(join(folder, name))
    if (dirname(path) !== (await realpath(folder))) return refuse('it is a link that leads out of the model’s folder')
    const content = await readFile(path, 'utf8')
    return parseLabels(
      content
        .replace(/^\uFEFF/, '')
        .trimEnd()
        .split(/\r?\n/),
      name,
    )
  } catch (error) {
    if (error instanceof UserError) throw error
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return refuse(missing ? 'it is not beside the model' : 'it cannot be opened', error)
  }
}

/** Classes without names: `class 0`, `class 1`, … */
export const namelessLabels = (classes: number): readonly Label[] =>
  Array.from({ length: classes }, (_, index) => ({ index, synset: '', name: `class ${index}`, synonyms: [] }))

/** How a class is written where its name alone may mean another one. */
export const labelText = ({ index, synset, name }: Label): string =>
  [String(index), synset, name].filter(Boolean).join(' ')

/** Names are compared without regard to case, and with `_` as a space, as in file and folder names. */
const plain = (name: string): string => name.trim().toLowerCase().replaceAll('_', ' ')

/**
 * The class that is meant by an index, a synset or a name. A class whose first name it is comes before those of
 * which it is a further name.
 * @throws UserError when there is none, with near spellings, or when several classes have the name, with all of them
 */
export function findLabel(labels: readonly Label[], wanted: string): Label {
  const found = candidates(labels, wanted)
  if (found.length === 1) return found[0]!
  if (found.length > 1)
    throw new UserError(
      `${JSON.stringify(wanted)} is the name of ${found.length} classes: ${found.map(labelText).join(', ')}; name one by its index or synset`,
      { exitCode: 2 },
    )
  const near = suggestions(labels, wanted)
  throw new UserError(
    `there is no class ${JSON.stringify(wanted)} among the ${labels.length}` +
      (near.length
        ? `; did you mean ${near.map(label => JSON.stringify(label)).join(' or ')}?`
        : '; name one by its index, synset or name'),
    { exitCode: 2 },
  )
}

/** The class that a photograph's path speaks of, or none where it speaks of none or of several. */
export function labelOfHint(labels: readonly Label[], hint: string | undefined): Label | undefined {
  if (hint === undefined) return undefined
  const found = candidates(labels, hint)
  return found.length === 1 ? found[0] : undefined
}

function candidates(labels: readonly Label[], wanted: string): readonly Label[] {
  const name = plain(wanted)
  if (/^\d+$/.test(name)) return labels.slice(Number(name), Number(name) + 1)
  const bySynset = labels.filter(label => label.synset === name)
  if (bySynset.length) return bySynset
  const first = labels.filter(label => plain(label.name) === name)
  return first.length ? first : labels.filter(label => label.synonyms.some(synonym => plain(synonym) === name))
}

/** Names that differ in a letter or two, nearest first. */
function suggestions(labels: readonly Label[], wanted: string): readonly string[] {
  const name = plain(wanted)
  // Up to a third of the letters may be wrong: more is another word.
  const furthest = Math.ceil(name.length / 3)
  const near = new Map<string, number>()
  for (const label of labels)
    for (const candidate of [label.name, ...label.synonyms]) {
      const away = distance(name, plain(candidate))
      if (away <= furthest) near.set(candidate, away)
    }
  return [...near]
    .toSorted(([, a], [, b]) => a - b)
    .slice(0, 3)
    .map(([candidate]) => candidate)
}
