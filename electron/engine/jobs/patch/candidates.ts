import { basename } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { CandidateKind, type SuggestionPlan } from '../../../contract/suggestion.ts'
import type { Classifier } from '../../model/classifier.ts'
import { labelText } from '../../model/labels.ts'
import { findLayer } from '../../model/layers.ts'
import { namedBytes, readPatch } from '../../patch/picture.ts'
import { knownAnswers } from '../../store/answers.ts'
import { findIcon } from '../../store/icons.ts'
import type { Writable } from '../../store/sql.ts'
import { keepPatch, regionOf } from './gallery.ts'
import type { Candidate as Photograph } from './photographs.ts'
import { classifierKey } from './population.ts'
import type { Separating } from './separating.ts'

/** Where a candidate comes from, as an experiment keeps it beside the patch. */
export const CandidateNote = z.object({ kind: CandidateKind, origin: z.string() })
export interface MadeCandidate extends z.infer<typeof CandidateNote> {
  readonly patch: number
}

/** Photographs of each third class. */
const THIRDS = 2

/**
 * Crops show what a unit mostly sees: half of its receptive field, whose rim hardly counts, within these shares of the
 * photograph.
 */
const [LEAST, MOST] = [0.25, 0.6]

/**
 * Makes candidates of cells: their icons, crops of the photographs behind them, and photographs of the third classes
 * that they speak for. Cells take turns, so that what is left out by the limit are everybody's last ones.
 * @param members photographs that patches will be tried on: none of them gives a crop
 */
export async function makeCandidates(
  db: Writable,
  classifier: Classifier,
  cells: readonly Separating[],
  { candidates: most }: Pick<SuggestionPlan, 'candidates'>,
  all: readonly Photograph[],
  members: readonly Photograph[],
): Promise<readonly MadeCandidate[]> {
  const tried = new Set(members.map(({ image }) => image))
  const lines = cells.map(cell => [...iconOf(db, cell), ...cropsOf(db, classifier, cell, tried)])
  lines.push(thirdsOf(db, classifier, cells, all, tried))
  const made: MadeCandidate[] = []
  const seen = new Set<number>()
  for (let turn = 0; made.length < most && lines.some(line => turn < line.length); turn++)
    for (const line of lines) {
      const candidate = made.length < most ? await line[turn]?.() : undefined
      if (!candidate || seen.has(candidate.patch)) continue
      seen.add(candidate.patch)
      made.push(candidate)
    }
  if (made.length === 0)
    throw new UserError(
      'no candidate could be made of these cells: their icons are not made, and no photograph is left',
    )
  return made
}

/** Makes a candidate when its turn comes; undefined where its photograph cannot be read. */
type Making = () => Promise<MadeCandidate | undefined>

function iconOf(db: Writable, { atlas, cell }: Separating): readonly Making[] {
  const webp = cell.icon && findIcon(db, cell.icon)?.webp
  if (!webp) return []
  const origin = `icon of cell ${cell.i}, ${cell.j}, ${atlas.layer}`
  return [
    async () => {
      const picture = await readPatch(namedBytes(origin, webp))
      return { patch: (await keep(db, picture, origin, 'icon')).id, kind: 'icon', origin }
    },
  ]
}

function cropsOf(
  db: Writable,
  classifier: Classifier,
  { atlas, samples }: Separating,
  tried: ReadonlySet<number>,
): readonly Making[] {
  const { receptiveField } = findLayer(classifier, atlas.layer)
  const half = Math.min(MOST, Math.max(LEAST, receptiveField / 2 / classifier.preprocessing.size)) / 2
  return samples
    .filter(({ image }) => !tried.has(image))
    .map(
      ({ image, u, v }): Making =>
        () =>
          cut(db, image, { left: u - half, right: u + half, top: v - half, bottom: v + half }, 'crop', atlas.layer),
    )
}

/** Photographs that the network takes for the classes that cells speak for besides the two. */
function thirdsOf(
  db: Writable,
  classifier: Classifier,
  cells: readonly Separating[],
  all: readonly Photograph[],
  tried: ReadonlySet<number>,
): Making[] {
  const known = knownAnswers(db, classifierKey(classifier))
  const classes = new Set(cells.flatMap(({ thirds }) => thirds.slice(0, 1)))
  return [...classes].flatMap(index =>
    all
      .filter(({ image, hash }) => !tried.has(image) && known.get(hash)?.[0] === index)
      .slice(0, THIRDS)
      .map(
        ({ image }): Making =>
          () =>
            cut(db, image, { left: 0, top: 0, right: 1, bottom: 1 }, 'third', labelText(classifier.labels[index]!)),
      ),
  )
}

async function cut(
  db: Writable,
  image: number,
  box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
  kind: 'crop' | 'third',
  what: string,
): Promise<MadeCandidate | undefined> {
  try {
    const { picture, file } = await regionOf(db, image, box)
    const origin = `${kind === 'crop' ? 'crop of ' : ''}${basename(file)}, ${what}`
    return { patch: (await keep(db, picture, origin, 'region')).id, kind, origin }
  } catch (error) {
    // A photograph that has gone or is damaged gives no crop; others do.
    if (error instanceof UserError) return undefined
    throw error
  }
}

const keep = (db: Writable, picture: Awaited<ReturnType<typeof readPatch>>, origin: string, kind: 'icon' | 'region') =>
  keepPatch(db, picture, { name: origin, kind, origin: `suggested: ${origin}`, gallery: false })
