import { UserError } from '../../contract/errors.ts'
import { PatchLook } from '../../contract/placement.ts'
import type { Measured, Tour } from '../../contract/tour.ts'
import { FINDING } from '../demo/finding.ts'
import { labelOfHint } from '../model/labels.ts'
import { readingOf } from '../patch/classify.ts'
import { compose } from '../patch/compose.ts'
import { meanControl, spectrumControl } from '../patch/matched.ts'
import { listModels } from '../store/models.ts'
import { listPatches } from '../store/patches.ts'
import { imagesOfHints } from '../store/photographs.ts'
import { backgroundIn, netOf, picturesIn } from '../workspace/live-lab.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { Calls } from './handlers.ts'

/** The patch is squeezed into a square, as in the article. */
const LOOK = PatchLook.parse({ aspect: 'square' })

export const tourCalls: Calls<'tour'> = {
  'tour.find': (_, { project }) => find(project()),
  'tour.measure': async (_, { project }) => {
    const tour = await find(project())
    if (tour === null)
      throw new UserError(`the tour is of the demo, and ${project().file} is another project; open the demo`)
    return measure(project(), tour)
  },
}

/** What the tour is about, as it lies in a project; null where a part of it is missing. */
async function find(project: OpenProject): Promise<Tour | null> {
  const { db } = project
  const image = imagesOfHints(db, [FINDING.source]).find(({ relative }) => relative === FINDING.photograph)
  const patch = listPatches(db).find(({ name }) => name === FINDING.patch)
  const [model] = listModels(db)
  if (image === undefined || patch === undefined || model === undefined) return null
  const { labels } = await project.classifier(model.hash)
  const [source, target] = [FINDING.source, FINDING.target].map(synset => labelOfHint(labels, synset)?.index)
  if (source === undefined || target === undefined) return null
  const { layer, x, y, size } = FINDING
  return { model: model.hash, layer, source, target, image: image.id, patch: patch.id, x, y, size, look: LOOK }
}

/**
 * Places the patch on each photograph of the source class, and its controls in its place: its mean colour, noise of its
 * spectrum, and its surroundings filled in. Of the controls that with the largest probability of the target counts.
 */
async function measure(project: OpenProject, tour: Tour): Promise<Measured> {
  const { source, target, patch, x, y, size, look } = tour
  const classifier = await project.classifier(tour.model)
  const net = await netOf(classifier)
  const patches = [{ ...look, patch, x, y, size, hidden: false }]
  const pictures = await picturesIn(project, { image: tour.image, patches })
  const picture = pictures.get(patch)!
  const [placed] = patches
  const controls = [
    { patches, pictures: new Map([[patch, { ...meanControl(picture), name: picture.name }]]) },
    { patches, pictures: new Map([[patch, { ...spectrumControl(picture, 0, 0), name: picture.name }]]) },
    { patches: [{ ...placed!, fill: 'surroundings' as const }], pictures },
  ]
  const labelled = imagesOfHints(project.db, [FINDING.source])
  const photographs: Measured['photographs'][number][] = []
  for (const { id: image } of labelled) {
    const background = await backgroundIn(project, classifier, image)
    const read = async (rgb: Uint8Array) => {
      const found = readingOf(classifier, await net.logits(rgb), 0, source, target)
      return { winner: found.winner, source: found.sourceProbability, target: found.targetProbability }
    }
    const before = await read(background.rgb)
    if (before.winner !== source) continue
    const patched = await read(compose(background, patches, pictures).rgb)
    let control: typeof before | undefined
    for (const each of controls) {
      const found = await read(compose(background, each.patches, each.pictures).rgb)
      if (control === undefined || found.target > control.target) control = found
    }
    const measured = ({ winner, ...rest }: typeof before) => ({ ...rest, taken: winner === target })
    photographs.push({ image, before: measured(before), patched: measured(patched), control: measured(control!) })
  }
  return { labelled: labelled.length, photographs }
}
