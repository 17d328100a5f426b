import { UserError } from '../../contract/errors.ts'
import { placesOf } from '../../contract/placement.ts'
import type { ViewFigure } from '../../contract/view-figure.ts'
import type { Figure } from '../figures/figure.ts'
import { type ImageFigure, imageFigure, imageRows } from '../image/figure.ts'
import { gridKeys } from '../image/grid.ts'
import { decodeImage } from '../images/decode.ts'
import { decodeStored } from '../images/stored-picture.ts'
import { distinctName } from '../model/labels.ts'
import { findLayer } from '../model/layers.ts'
import { inputSize } from '../model/sidecar.ts'
import {
  type CompositionFigure,
  compositionFigure,
  compositionRows,
  FIGURE_CLASSES,
} from '../patch/composition-figure.ts'
import { figureOfExperiment } from '../patch/experiment/export.ts'
import { suggestionFigure, suggestionRows } from '../patch/suggest/figure.ts'
import { suggestionOf } from '../patch/suggest/suggest.ts'
import { sweepFigure, sweepRows } from '../patch/sweep/figure.ts'
import { sweepOf } from '../patch/sweep/run.ts'
import { photographName, readPhotograph } from '../photographs/read.ts'
import { labelsOf, requireModel } from '../query/model-records.ts'
import { experimentModels } from '../store/experiments.ts'
import { findIcon } from '../store/icons.ts'
import { patchPicture } from '../store/patches.ts'
import { backgroundIn, classifiedPair, picturesIn } from './live-lab.ts'
import type { OpenProject } from './open-project.ts'
import { attributionMap, directionsOf } from './photograph-layer.ts'

type Of<Kind extends ViewFigure['kind']> = Extract<ViewFigure, { kind: Kind }>
/** Cells of a CSV, the heading first. */
type Rows = readonly (readonly (string | number)[])[]

/** The figure of a view. @throws UserError when what it shows is not in the project */
export async function figureOf(project: OpenProject, view: ViewFigure): Promise<Figure> {
  switch (view.kind) {
    case 'sweep':
      return figureOfSweep(project, view)
    case 'experiment':
      return figureOfExperiment(project.db, view.experiment, await experimentLabels(project, view.experiment))
    case 'suggestion':
      return figureOfSuggestion(project, view)
    case 'composition':
      return compositionFigure(await compositionOf(project, view))
    case 'image':
      return imageFigure(await imageOf(project, view))
  }
}

/** The values behind a figure, as rows of a CSV. */
export async function rowsOf(project: OpenProject, view: ViewFigure): Promise<Rows> {
  switch (view.kind) {
    case 'sweep': {
      const sweep = sweepOf(project.db, view.sweep)
      return sweepRows(sweep, await labelsOf(project, sweep.plan.model))
    }
    case 'suggestion':
      return suggestionRows(suggestionOf(project.db, view.suggestion))
    case 'composition':
      return compositionRows(await compositionOf(project, view))
    case 'image':
      return imageRows(await imageOf(project, view))
    case 'experiment':
      throw new UserError('trials of an experiment are exported as a file of their own: choose "Trials as CSV"')
  }
}

async function experimentLabels(project: OpenProject, experiment: number) {
  const [model] = experimentModels(project.db, experiment)
  return model === undefined ? [] : labelsOf(project, model.classifier ?? model.model)
}

async function figureOfSweep(project: OpenProject, { sweep: id, followed }: Of<'sweep'>): Promise<Figure> {
  const { plan, before, ...sweep } = sweepOf(project.db, id)
  if (before === null)
    throw new UserError(`sweep ${id} has not begun: export it when its first compositions are classified`)
  const classifier = await project.classifier(plan.model)
  const pictures = await picturesIn(project, {
    image: plan.image,
    patches: [{ ...plan.look, ...ANYWHERE, patch: plan.patch }],
  })
  const { name, ...picture } = pictures.get(plan.patch)!
  return sweepFigure({
    ...plan,
    background: await backgroundIn(project, classifier, plan.image),
    picture,
    labels: classifier.labels,
    about: `${classifier.name}; photograph ${photographName(project.db, plan.image)}, patch ${name}`,
    before: { sourceProbability: before.source, targetProbability: before.target },
    after: Array.from({ length: sweep.total }, (_, k) =>
      sweep.winner[k]! < 0
        ? undefined
        : {
            winner: sweep.winner[k]!,
            winnerProbability: sweep.winnerProbability[k]!,
            sourceProbability: sweep.sourceProbability[k]!,
            targetProbability: sweep.targetProbability[k]!,
          },
    ),
    followed: Math.min(followed, placesOf({ kind: 'grid', n: plan.positions }).length - 1),
  })
}

/** A patch is read for its pixels; where it is placed does not matter. */
const ANYWHERE = { x: 0.5, y: 0.5, size: 1, hidden: false }

const THUMBNAIL = 96

async function figureOfSuggestion(project: OpenProject, { suggestion: id }: Of<'suggestion'>): Promise<Figure> {
  const suggestion = suggestionOf(project.db, id)
  const pictures = suggestion.candidates.map(async ({ patch }) => {
    const resized = decodeStored(patchPicture(project.db, patch)!, image =>
      image.resize(THUMBNAIL, THUMBNAIL, { fit: 'inside' }).png().toBuffer(),
    )
    return [patch, await resized] as const
  })
  return suggestionFigure({
    suggestion,
    modelName: requireModel(project, suggestion.plan.model).model.name,
    labels: await experimentLabels(project, id),
    pictures: new Map(await Promise.all(pictures)),
  })
}

async function compositionOf(project: OpenProject, view: Of<'composition'>): Promise<CompositionFigure> {
  const { model, composition, source, target } = view
  const classifier = await project.classifier(model)
  const pinned = [source, target].filter(index => index !== null)
  const pair = await classifiedPair(project, { model, composition, top: FIGURE_CLASSES, pinned })
  const pictures = await picturesIn(project, composition)
  return {
    ...pair,
    modelName: classifier.name,
    labels: classifier.labels,
    file: photographName(project.db, composition.image),
    source,
    target,
    patches: composition.patches
      .filter(({ hidden }) => !hidden)
      .map(placement => ({ name: pictures.get(placement.patch)!.name, placement })),
  }
}

/** Pixels of the photograph in the figure for each of the network's input. */
const SHARPER = 2

async function imageOf(project: OpenProject, view: Of<'image'>): Promise<ImageFigure> {
  const { model, image, layer: name, preset, seed } = view
  const classifier = await project.classifier(model)
  const layer = findLayer(classifier, name)
  const file = await readPhotograph(project.db, image)
  const { height, width } = inputSize(classifier.preprocessing)
  const size = [SHARPER * height, SHARPER * width] as const
  const { rgb } = await decodeImage(file, { size, resize: classifier.preprocessing.resize })
  const keys = gridKeys(classifier, layer, await directionsOf(project, classifier, layer, file), { preset, seed })
  const attribution =
    view.class === null
      ? null
      : {
          name: distinctName(classifier.labels, view.class),
          values: await attributionMap(project, classifier, layer, image, view.class),
        }
  return {
    title: `${photographName(project.db, image)} at ${layer.name}`,
    photograph: { rgb, height: size[0], width: size[1] },
    height: layer.height,
    width: layer.width,
    icons: keys.map(key => findIcon(project.db, key)?.webp ?? undefined),
    attribution,
    about: `${classifier.name}, ${layer.name}; icons ${preset}, seed ${seed}`,
  }
}
