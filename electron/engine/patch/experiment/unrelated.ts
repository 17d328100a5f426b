import { UserError } from '../../../contract/errors.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import type { Classifier } from '../../model/classifier.ts'
import { labelOfHint } from '../../model/labels.ts'
import { photographName } from '../../photographs/read.ts'
import { Random } from '../../random/random.ts'
import { classifierKey } from '../../registry/enter.ts'
import { findImage } from '../../store/photographs.ts'
import { storedPredictions } from '../../store/predictions.ts'
import type { Writable } from '../../store/sql.ts'
import { keepPatch, regionOf } from '../gallery.ts'
import { naturalControl } from '../matched.ts'
import type { Candidate } from './population.ts'

/** A model with its two classes. */
export interface ClassPair {
  readonly classifier: Classifier
  readonly source: number
  readonly target: number
}

/**
 * Photographs that have to do with neither class of any model: not labelled as one, not with one of them among a model's
 * ten strongest classes, and known by a label or a prediction; and not tried on.
 * @param members hashes of the photographs that patches are tried on
 */
export function unrelatedPhotographs(
  db: Writable,
  pairs: readonly ClassPair[],
  all: readonly Candidate[],
  members: ReadonlySet<string>,
): readonly Candidate[] {
  const known = pairs.map(({ classifier }) => storedPredictions(db, classifierKey(classifier)))
  return all.filter(({ hash, hint }) => {
    if (members.has(hash)) return false
    let isKnown = false
    for (const [k, { classifier, source, target }] of pairs.entries()) {
      const label = labelOfHint(classifier.labels, hint)?.index
      const classes = [...(label === undefined ? [] : [label]), ...(known[k]!.get(hash) ?? [])]
      if (classes.includes(source) || classes.includes(target)) return false
      isKnown ||= classes.length > 0
    }
    return isKnown
  })
}

/** The shorter edge of a region, as a share of the photograph's. */
const [SMALLEST, LARGEST] = [0.3, 0.8]

/**
 * Creates controls that are regions of unrelated photographs, drawn by the seed, each of another photograph.
 * @param picture the patch that they control, and take proportions and transparency of
 * @returns their ids: fewer than requested where there are not enough photographs
 */
export async function naturalPatches(
  db: Writable,
  unrelated: readonly Candidate[],
  picture: TransparentPicture,
  { count, seed, name }: { readonly count: number; readonly seed: number; readonly name: string },
): Promise<number[]> {
  const random = new Random('natural control', seed, picture.rgba)
  const order = unrelated
    .map(({ image, hash }) => ({ image, at: new Random('natural control', seed, picture.rgba, hash).uniform() }))
    .sort((a, b) => a.at - b.at)
  const ids: number[] = []
  for (const { image } of order) {
    if (ids.length === count) break
    const found = findImage(db, image)
    if (found?.status !== 'ok') continue
    const shorter = Math.min(found.width, found.height) * random.between(SMALLEST, LARGEST)
    const ratio = picture.width / picture.height
    const [across, down] = [
      (ratio >= 1 ? shorter : shorter * ratio) / found.width,
      (ratio >= 1 ? shorter / ratio : shorter) / found.height,
    ]
    const [left, top] = [random.uniform() * (1 - across), random.uniform() * (1 - down)]
    try {
      const { picture: region } = await regionOf(db, image, { left, top, right: left + across, bottom: top + down })
      const origin = `region of ${photographName(db, image)}`
      const about = { name: `${name}: ${origin}`, kind: 'region' as const, origin, gallery: false }
      const { id } = await keepPatch(db, naturalControl(region, picture), about)
      if (!ids.includes(id)) ids.push(id)
    } catch (error) {
      // One that has gone or is damaged gives no control; the next one does.
      if (!(error instanceof UserError)) throw error
    }
  }
  return ids
}
