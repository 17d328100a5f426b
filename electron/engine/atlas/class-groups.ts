import type { ClassGroup, GroupSource } from '../../contract/cell-labels.ts'
import { classWeights } from '../attribution/class-weights.ts'
import type { Classifier, Label } from '../model/classifier.ts'
import { distinctNames } from '../model/labels.ts'
import { wordnetGroups } from '../model/wordnet-groups.ts'
import { averageLinkage } from '../statistics/average-linkage.ts'
import { dot } from '../vectors/cosine.ts'

/** The hierarchy of a network's classes. */
export interface ClassGroups {
  readonly source: GroupSource
  readonly groups: readonly ClassGroup[]
}

/** Distances between more classes than this take more than 100 MB. */
const MOST_CLASSES = 5_000
/** A group has at least this many classes. */
const LEAST_CLASSES = 3
/** A group has at most this share of the classes of the group that it is part of: smaller steps add little. */
const LARGEST_SHARE = 2 / 3

const known = new WeakMap<readonly Label[], ClassGroups | null>()

/** The groups of a network's classes: by WordNet where their synsets are known, otherwise by its own last weights. */
export function classGroups(classifier: Classifier): ClassGroups | null {
  const before = known.get(classifier.labels)
  if (before !== undefined) return before
  const wordnet = wordnetGroups(classifier.labels)
  const groups: ClassGroups | null =
    wordnet === undefined ? byWeights(classifier) : { source: 'wordnet', groups: wordnet }
  known.set(classifier.labels, groups)
  return groups
}

function byWeights(classifier: Classifier): ClassGroups | null {
  const weights = classWeights(classifier)
  if (weights === undefined || weights.dims[0]! > MOST_CLASSES) return null
  const groups = weightGroups(weights.data, weights.dims[0]!, distinctNames(classifier.labels))
  return groups.length === 0 ? null : { source: 'weights', groups }
}

/**
 * Groups of classes with similar weights: average linkage of their cosine distances. Of the binary tree those clusters
 * are groups that have at least three classes and at most two thirds of the classes of the group around them. A group is
 * named after the two of its classes that are nearest to all of them.
 * @param rows  [classes, inputs], the weights of each class
 * @param names of the classes
 */
export function weightGroups(rows: Float32Array, classes: number, names: readonly string[]): readonly ClassGroup[] {
  const width = rows.length / classes
  const units = new Float32Array(rows.length)
  for (let c = 0; c < classes; c++) {
    const length = Math.sqrt(dot(rows, c * width, rows, c * width, width)) || 1
    for (let k = 0; k < width; k++) units[c * width + k] = rows[c * width + k]! / length
  }
  const distances = new Float32Array(classes * classes)
  for (let a = 0; a < classes; a++)
    for (let b = 0; b < a; b++) {
      const distance = 1 - dot(units, a * width, units, b * width, width)
      distances[a * classes + b] = distance
      distances[b * classes + a] = distance
    }
  const merges = averageLinkage(distances, classes)
  const groups: ClassGroup[] = []
  const membersOf = (cluster: number): number[] => {
    const members: number[] = []
    for (const stack = [cluster]; stack.length > 0; ) {
      const at = stack.pop()!
      if (at < classes) members.push(at)
      else stack.push(merges[at - classes]!.left, merges[at - classes]!.right)
    }
    return members.sort((a, b) => a - b)
  }
  /** From the root down, so that parents come first. */
  const queue = [{ cluster: classes + merges.length - 1, parent: null as number | null, around: classes }]
  for (const { cluster, parent, around } of queue) {
    if (cluster < classes) continue
    const members = membersOf(cluster)
    if (members.length < LEAST_CLASSES) continue
    const isGroup = members.length <= LARGEST_SHARE * around
    const inside = isGroup
      ? groups.push({ name: nameOf(members, units, width, names), parent, classes: members }) - 1
      : parent
    const { left, right } = merges[cluster - classes]!
    for (const child of [left, right])
      queue.push({ cluster: child, parent: inside, around: isGroup ? members.length : around })
  }
  return groups
}

/** `tabby, tiger cat +3`. */
function nameOf(members: readonly number[], units: Float32Array, width: number, names: readonly string[]): string {
  const sum = new Float32Array(width)
  for (const member of members) for (let k = 0; k < width; k++) sum[k]! += units[member * width + k]!
  const central = members.toSorted(
    (a, b) => dot(units, b * width, sum, 0, width) - dot(units, a * width, sum, 0, width) || a - b,
  )
  return `${names[central[0]!]}, ${names[central[1]!]} +${members.length - 2}`
}
