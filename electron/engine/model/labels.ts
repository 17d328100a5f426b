import { distance } from 'fastest-levenshtein'
import { UserError } from '../../contract/errors.ts'
import type { Label } from './classifier.ts'

/*
 * References to a class: its index among the network's outputs, its synset, its label (the first name) or a synonym,
 * and the name of the folder of its photographs. One form may look like another ("12" is an index and may be a label),
 * so a reference is ambiguous unless all its readings result in one class; `index:12`, `synset:n02012849` and
 * `label:12` have a single reading.
 */

/** A class in full: `134 n02012849 crane`. */
export const labelText = ({ index, synset, name }: Label): string =>
  [String(index), synset, name === synset ? '' : name].filter(Boolean).join(' ')

/**
 * The name of each class where only a name is shown: its label, and if another class has an equal one also its synset,
 * or its index where synsets do not distinguish them. No two of these are equal.
 * @param labels all classes of a network
 * @returns names in the order of the classes
 */
export function distinctNames(labels: readonly Label[]): readonly string[] {
  const known = namesOf.get(labels)
  if (known) return known
  const count = (texts: readonly string[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>()
    for (const text of texts) counts.set(looseForm(text), (counts.get(looseForm(text)) ?? 0) + 1)
    return counts
  }
  const byName = count(labels.map(({ name }) => name))
  const bySynset = count(labels.map(({ synset }) => synset))
  const first = labels.map(({ index, synset, name }) => {
    if (byName.get(looseForm(name)) === 1) return name
    return `${name} (${synset && synset !== name && bySynset.get(looseForm(synset)) === 1 ? synset : index})`
  })
  // A label may itself look like one with a suffix: "crane (3)".
  const repeated = count(first)
  const names = first.map((name, index) => (repeated.get(looseForm(name)) === 1 ? name : `${name} [${index}]`))
  namesOf.set(labels, names)
  return names
}
const namesOf = new WeakMap<readonly Label[], readonly string[]>()

/** One of `distinctNames`. */
export const distinctName = (labels: readonly Label[], index: number): string =>
  distinctNames(labels)[index] ?? `class ${index}`

/** A class as JSON. */
export const labelJson = ({ index, synset, name }: Label) => ({ index, synset, name })

/** Exact spelling, in Unicode's composed form. */
const exactForm = (name: string): string => name.normalize('NFC').trim()

/** Case-insensitive, with `_` as a space. */
export const looseForm = (name: string): string =>
  exactForm(name)
    .toLowerCase()
    .replaceAll(/[_\s]+/g, ' ')

/** The form of folder names: characters that file names cannot contain count as a space. */
const folderForm = (name: string): string =>
  looseForm(name)
    .replaceAll(/[/\\:*?"<>|\s]+/g, ' ')
    .replaceAll(/^[. ]+|[. ]+$/g, '')

/** The index of classes by name, built once for the classes of a network. */
interface NameIndex {
  /** From strict to lax: labels before synonyms, exact before loose forms. The first match is used. */
  readonly names: readonly { readonly form: (name: string) => string; readonly classes: ReadonlyMap<string, Label[]> }[]
  readonly synsets: ReadonlyMap<string, readonly Label[]>
  /** Whether some label is a number itself. */
  readonly numbers: boolean
}
const indices = new WeakMap<readonly Label[], NameIndex>()

function indexOf(labels: readonly Label[]): NameIndex {
  const known = indices.get(labels)
  if (known) return known
  const primary = ({ name, synonyms }: Label): readonly string[] => [name, [name, ...synonyms].join(', ')]
  const secondary = ({ synonyms }: Label): readonly string[] => synonyms
  const names = [primary, secondary].flatMap(namesOf =>
    [exactForm, looseForm, folderForm].map(form => {
      const classes = new Map<string, Label[]>()
      for (const label of labels)
        for (const name of new Set(namesOf(label).map(form))) {
          if (name === '') continue
          const sameName = classes.get(name)
          if (sameName) sameName.push(label)
          else classes.set(name, [label])
        }
      return { form, classes }
    }),
  )
  const synsets = Map.groupBy(
    labels.filter(({ synset }) => synset !== ''),
    ({ synset }) => synset,
  )
  const index = { names, synsets, numbers: labels.some(({ name }) => /^\d+$/.test(name)) }
  indices.set(labels, index)
  return index
}

/** The classes with this label; without any, those with this synonym. */
function named(labels: readonly Label[], reference: string): readonly Label[] {
  for (const { form, classes } of indexOf(labels).names) {
    const found = classes.get(form(reference))
    if (found) return found
  }
  return []
}

const withSynset = (labels: readonly Label[], reference: string): readonly Label[] =>
  indexOf(labels).synsets.get(reference) ?? []

const withIndex = (labels: readonly Label[], reference: string): readonly Label[] => {
  const digits = reference.replace(/^#/, '')
  return /^\d+$/.test(digits) ? labels.slice(Number(digits), Number(digits) + 1) : []
}

/** All classes that a reference may mean. */
function candidates(labels: readonly Label[], reference: string): readonly Label[] {
  const text = exactForm(reference)
  const [, kind, rest = ''] = /^(index|synset|label):\s*(.*)$/is.exec(text) ?? []
  const readings = { index: withIndex, synset: withSynset, label: named }
  const explicit = kind === undefined ? [] : readings[kind.toLowerCase() as keyof typeof readings](labels, rest)
  const found = [
    ...explicit,
    ...withIndex(labels, text),
    ...withSynset(labels, text.toLowerCase()),
    ...named(labels, text),
  ]
  return [...new Set(found)].toSorted((a, b) => a.index - b.index)
}

/**
 * An unambiguous reference to this class.
 * @param labels all classes of the network
 */
export function referenceTo(labels: readonly Label[], label: Label): string {
  const short = [label.name, label.synset, `label:${label.name}`].filter(Boolean)
  const unique = (reference: string): boolean => {
    const found = candidates(labels, reference)
    return found.length === 1 && found[0]!.index === label.index
  }
  return short.find(unique) ?? `index:${label.index}`
}

/** Candidates that an error lists. */
const LISTED = 8

/**
 * The class of a reference by index, synset or name, on the command line.
 * @param reference `12`, `n02012849`, `crane`, or one reading alone: `index:12`, `synset:n02012849`, `label:12`
 * @throws UserError when there is none, with similar spellings, or when the reference is ambiguous, with an unambiguous
 * one for each class
 */
export function findLabel(labels: readonly Label[], reference: string): Label {
  const found = candidates(labels, reference)
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    const listed = found
      .slice(0, LISTED)
      .map(label => `${JSON.stringify(referenceTo(labels, label))} (${labelText(label)})`)
    const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : ''
    throw new UserError(
      `${JSON.stringify(reference)} is ambiguous between ${found.length} classes: ${listed.join(', ')}${more}; use one of these references`,
      { exitCode: 2 },
    )
  }
  const near = suggestions(labels, reference)
  throw new UserError(
    `none of the ${labels.length} classes is ${JSON.stringify(reference)}` +
      (near.length
        ? `; did you mean ${near.map(label => JSON.stringify(label)).join(' or ')}?`
        : '; use an index, a synset or a name'),
    { exitCode: 2 },
  )
}

/**
 * @param name  of the network, or of what it was applied to
 * @param count of its classes
 * @throws UserError when one of the indices is beyond them
 */
export function requireClasses(name: string, count: number, indices: readonly number[]): void {
  const beyond = indices.find(index => index >= count)
  if (beyond !== undefined) throw new UserError(`there is no class ${beyond}: ${name} has ${count}, counted from 0`)
}

/**
 * The corresponding class of another network: with the same synset, or without synsets with the same label.
 * @throws UserError when it has none or several
 */
export function sameClass(labels: readonly Label[], label: Label, network: string): Label {
  const found = label.synset ? withSynset(labels, label.synset) : named(labels, label.name)
  if (found.length === 1) return found[0]!
  throw new UserError(
    `${network} has ${found.length === 0 ? 'no class' : `${found.length} classes`} ${JSON.stringify(label.synset || label.name)}: all networks of an experiment must have the source and the target class; give the class the same label in all of them`,
    { exitCode: 2 },
  )
}

/**
 * The class that a photograph's path names; undefined if none or several. A folder is named after a synset or a label.
 * Numbers are indices only where no label of the network is a number.
 */
export function labelOfHint(labels: readonly Label[], hint: string | null | undefined): Label | undefined {
  if (hint === undefined || hint === null) return undefined
  const found = hintCandidates(labels, hint)
  return found.length === 1 ? found[0] : undefined
}

function hintCandidates(labels: readonly Label[], hint: string): readonly Label[] {
  const bySynset = withSynset(labels, exactForm(hint).toLowerCase())
  if (bySynset.length > 0) return bySynset
  const byName = named(labels, hint)
  if (byName.length > 0 || indexOf(labels).numbers) return byName
  return withIndex(labels, exactForm(hint))
}

/** A hint in the paths of photographs that names no class or several, and the number of photographs with it. */
interface UnknownHint {
  /** Null: they are in no sub-folder and their names start with no synset. */
  readonly hint: string | null
  readonly photographs: number
  /** The classes that it may refer to: none or several. */
  readonly classes: readonly Label[]
}

/** The hints in the paths of photographs without a class, the most frequent first. */
export function unknownHints(
  labels: readonly Label[],
  hintsOfPhotographs: Iterable<string | null | undefined>,
): readonly UnknownHint[] {
  const counts = new Map<string | null, number>()
  for (const hint of hintsOfPhotographs)
    if (labelOfHint(labels, hint) === undefined) counts.set(hint ?? null, (counts.get(hint ?? null) ?? 0) + 1)
  return [...counts]
    .map(([hint, photographs]) => ({ hint, photographs, classes: hint === null ? [] : hintCandidates(labels, hint) }))
    .toSorted((a, b) => b.photographs - a.photographs)
}

/** The number of photographs with such hints. */
export const unknownCount = (unknown: readonly UnknownHint[]): number =>
  unknown.reduce((sum, { photographs }) => sum + photographs, 0)

/** `holiday (3, no class), crane (2, the name of 2 classes)`. */
export function unknownHintsText(unknown: readonly UnknownHint[]): string {
  const shown = unknown
    .slice(0, LISTED)
    .map(({ hint, photographs, classes }) =>
      hint === null
        ? `${photographs} in no sub-folder named after a class`
        : `${photographs} in ${JSON.stringify(hint)}, ${classes.length === 0 ? 'which names no class' : `the name of ${classes.length} classes`}`,
    )
  return shown.join('; ') + (unknown.length > LISTED ? ` and ${unknown.length - LISTED} more` : '')
}

/**
 * The part of a file name for a class: distinct for distinct classes, legible, and without characters that some file
 * system refuses. Letters of all scripts are kept.
 */
export const fileNameOf = ({ index, name }: Label): string => {
  const slug = slugOf(name)
  return slug === '' ? String(index) : `${slug}-${index}`
}

/** Letters and digits in composed form, lower case, anything else as a hyphen; at most 40 letters. */
export const slugOf = (name: string): string =>
  [
    ...name
      .normalize('NFC')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, '-'),
  ]
    .slice(0, 40)
    .join('')
    .replaceAll(/^-+|-+$/g, '')

/** Names with a similar spelling, nearest first. */
function suggestions(labels: readonly Label[], reference: string): readonly string[] {
  const name = looseForm(reference)
  // Up to a third of the letters may differ.
  const maxDistance = Math.ceil(name.length / 3)
  const near = new Map<string, number>()
  for (const label of labels)
    for (const candidate of [label.name, ...label.synonyms]) {
      const edits = distance(name, looseForm(candidate))
      if (edits <= maxDistance) near.set(candidate, edits)
    }
  return [...near]
    .toSorted(([, a], [, b]) => a - b)
    .slice(0, 3)
    .map(([candidate]) => candidate)
}
