import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { InversionSchema } from '../../../contract/inversion.ts'
import { CandidateKind, type SuggestionPlan } from '../../../contract/suggestion.ts'
import { unseenMargin } from '../../atlas/picture.ts'
import { UnreadableImage } from '../../images/unreadable.ts'
import type { Classifier } from '../../model/classifier.ts'
import { labelOfHint, labelText } from '../../model/labels.ts'
import { layerAt } from '../../model/layers.ts'
import { inputSize } from '../../model/sidecar.ts'
import { photographName } from '../../photographs/read.ts'
import { classifierKey } from '../../registry/enter.ts'
import { findIcon } from '../../store/icons.ts'
import { findImage } from '../../store/photographs.ts'
import { storedPredictions } from '../../store/predictions.ts'
import type { Writable } from '../../store/sql.ts'
import type { Candidate as Photograph } from '../experiment/population.ts'
import { keepPatch, middleSquare, type Region, regionOf } from '../gallery.ts'
import { namedBytes, readPatch } from '../picture.ts'
import type { Separating } from './separating.ts'

/** Where a candidate comes from, as an experiment keeps it beside the patch. */
export const CandidateNote = z.object({ kind: CandidateKind, origin: z.string() })
export interface MadeCandidate extends z.infer<typeof CandidateNote> {
  readonly patch: number
}

type Omitted = Pick<SuggestionPlan, 'candidates' | 'target' | 'targetCrops' | 'natural'>

/** Photographs of each third class. */
const THIRDS = 2

/**
 * Crops show what a unit mostly sees: half of its receptive field, whose rim hardly counts, within these shares of the
 * photograph.
 */
const [MIN_CROP, MAX_CROP] = [0.25, 0.6]

/**
 * Makes candidates of cells: their icons, crops of their photographs, and photographs of the third classes
 * that they have positive attribution to. The three kinds alternate, and within a kind layers and cells, so that the
 * limit leaves out the last candidates of each.
 * @param cells   layer by layer, in each those that part the classes most first
 * @param members photographs that patches will be tried on: none of them gives a crop; nor does one of the target class,
 * unless the plan requests it
 * @returns the candidates, and the photographs that would have given one and could not, each once
 * @throws UserError when no candidate could be made
 */
export async function makeCandidates(
  db: Writable,
  classifier: Classifier,
  cells: readonly Separating[],
  { candidates: maxCandidates, target, targetCrops = false, natural }: Omitted,
  all: readonly Photograph[],
  members: readonly Photograph[],
): Promise<{ readonly made: readonly MadeCandidate[]; readonly unusable: readonly Unusable[] }> {
  const ofTarget = (photograph: Photograph): boolean =>
    labelOfHint(classifier.labels, photograph.hint)?.index === target || known.get(photograph.hash)?.[0] === target
  const known = storedPredictions(db, classifierKey(classifier))
  const tried = new Set(
    (targetCrops || natural === undefined ? members : [...members, ...all.filter(ofTarget)]).map(({ image }) => image),
  )
  const ofLayers = [...Map.groupBy(cells, ({ atlas }) => atlas.layer).values()]
  const inTurns = turns(ofLayers)
  const lines = [
    inTurns.flatMap(cell => iconOf(db, cell)),
    turns(inTurns.map(cell => cropsOf(db, classifier, cell, tried))),
    thirdsOf(db, classifier, inTurns, all, tried),
  ]
  const made: MadeCandidate[] = []
  const unusable = new Map<string, Unusable>()
  const seen = new Set<number>()
  for (const making of turns(lines)) {
    if (made.length === maxCandidates) break
    const candidate = await making()
    if ('reason' in candidate) unusable.set(candidate.file, candidate)
    if ('reason' in candidate || seen.has(candidate.patch)) continue
    seen.add(candidate.patch)
    made.push(candidate)
  }
  if (made.length === 0)
    throw new UserError(
      unusable.size > 0
        ? `no candidate could be made of these cells: their icons are not made, and ${unusable.size === 1 ? '1 photograph' : `${unusable.size} photographs`} could not be read, such as ${unusable.keys().next().value}: check that its folder exists, and run it again`
        : 'no candidate could be made of these cells: their icons are not made, and no photograph is left',
    )
  return { made, unusable: [...unusable.values()] }
}

/** The first of every line, then the second of every line, and so on. */
const turns = <T>(lines: readonly (readonly T[])[]): T[] =>
  Array.from({ length: Math.max(0, ...lines.map(({ length }) => length)) }, (_, turn) =>
    lines.flatMap(line => line.slice(turn, turn + 1)),
  ).flat()

/** A photograph that gives no candidate. @property reason in plain words, without the file's name */
interface Unusable {
  readonly file: string
  readonly reason: string
}

/** Creates a candidate, or returns the reason why its photograph gives none. */
type Making = () => Promise<MadeCandidate | Unusable>

/** An icon without the margin that its optimisation hardly looked at: grey, it would weaken every patch. */
function iconOf(db: Writable, { atlas, cell }: Separating): readonly Making[] {
  const icon = cell.icon ? findIcon(db, cell.icon) : undefined
  const webp = icon?.webp
  if (!icon || !webp) return []
  const origin = `icon of cell ${cell.i}, ${cell.j}, ${atlas.layer}`
  return [
    async () => {
      const { rgba, width, height } = await readPatch(namedBytes(origin, webp))
      const preset = InversionSchema.safeParse(icon.preset)
      const margin = Math.floor(width * (preset.success ? unseenMargin(preset.data) : 0))
      const edge = width - 2 * margin
      const cut = new Uint8Array(4 * edge * (height - 2 * margin))
      for (let row = 0; row < height - 2 * margin; row++) {
        const start = 4 * ((row + margin) * width + margin)
        cut.set(rgba.subarray(start, start + 4 * edge), 4 * row * edge)
      }
      const picture = { rgba: cut, width: edge, height: height - 2 * margin }
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
  const { receptiveField } = layerAt(classifier, atlas.tensor)
  const half =
    Math.min(
      MAX_CROP,
      Math.max(MIN_CROP, receptiveField / 2 / Math.max(...Object.values(inputSize(classifier.preprocessing)))),
    ) / 2
  return samples
    .filter(({ image }) => !tried.has(image))
    .map(
      ({ image, u, v }): Making =>
        () =>
          cut(db, image, { left: u - half, right: u + half, top: v - half, bottom: v + half }, 'crop', atlas.layer),
    )
}

/** Photographs classified as the third classes that cells have positive attribution to. */
function thirdsOf(
  db: Writable,
  classifier: Classifier,
  cells: readonly Separating[],
  all: readonly Photograph[],
  tried: ReadonlySet<number>,
): Making[] {
  const known = storedPredictions(db, classifierKey(classifier))
  const classes = new Set(cells.flatMap(({ otherClasses }) => otherClasses.slice(0, 2)))
  const ofClasses = [...classes].map(index =>
    all
      .filter(({ image, hash }) => !tried.has(image) && known.get(hash)?.[0] === index)
      .slice(0, THIRDS)
      .map(
        ({ image }): Making =>
          () =>
            cut(db, image, middleSquare(db, image), 'third', labelText(classifier.labels[index]!)),
      ),
  )
  return turns(ofClasses)
}

async function cut(
  db: Writable,
  image: number,
  box: Region,
  kind: 'crop' | 'third',
  what: string,
): Promise<MadeCandidate | Unusable> {
  try {
    const { picture } = await regionOf(db, image, box)
    const origin = `${kind === 'crop' ? 'crop of ' : ''}${photographName(db, image)}, ${what}`
    return { patch: (await keep(db, picture, origin, 'region')).id, kind, origin }
  } catch (error) {
    // A photograph that has gone, was replaced or is damaged gives no crop; others do.
    if (!(error instanceof UserError)) throw error
    const unread = error instanceof UnreadableImage ? error : error.cause
    if (unread instanceof UnreadableImage) return { file: unread.file, reason: unread.reason }
    return { file: findImage(db, image)?.relative ?? `photograph ${image}`, reason: error.message }
  }
}

const keep = (db: Writable, picture: Awaited<ReturnType<typeof readPatch>>, origin: string, kind: 'icon' | 'region') =>
  keepPatch(db, picture, { name: origin, kind, origin: `suggested: ${origin}`, gallery: false })
