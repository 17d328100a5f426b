import type { Photograph, Refused } from '../../contract/project.ts'
import { createAttributor } from '../attribution/attributor.ts'
import { gridKeys, IMAGE_GRID } from '../image/grid.ts'
import { decodeImage } from '../images/decode.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import { Placer } from '../layout/place.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { strongest } from '../model/classify.ts'
import { findLayer } from '../model/layers.ts'
import { probabilitiesOf } from '../model/probabilities.ts'
import { foldersById, readPhotograph, requirePhotograph } from '../photographs/read.ts'
import { positionsOf, requireAtlas } from '../query/atlas-records.ts'
import { labelsOf } from '../query/model-records.ts'
import { listedPhotograph, photographOf } from '../query/photographs.ts'
import { classifierKey } from '../registry/enter.ts'
import { sameInput } from '../registry/open.ts'
import { findActivations, float32Pages } from '../store/activations.ts'
import { hasIcon } from '../store/icons.ts'
import { layoutWithId } from '../store/layouts.ts'
import { listModels } from '../store/models.ts'
import { searchImages } from '../store/photographs.ts'
import { subsetPositions } from '../store/subset-layouts.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { enterFile, keepBytes } from '../workspace/photograph-files.ts'
import { attributionMap, directionsOf } from '../workspace/photograph-layer.ts'
import { logitsOf } from '../workspace/predictions.ts'
import type { Calls } from './handlers.ts'

export const photographCalls: Calls<'photograph'> = {
  'photograph.list': async ({ text, offset, limit }, { project }) => {
    const { total, images } = searchImages(project().db, text.trim(), offset, limit)
    const labels = await knownLabels(project())
    const folders = foldersById(project().db)
    return { total, photographs: images.map(image => listedPhotograph(project(), image, labels, folders)) }
  },
  'photograph.get': async ({ image: id }, { project }) => {
    const { db } = project()
    return photographOf(project(), requirePhotograph(db, id), await knownLabels(project()), foldersById(db))
  },
  'photograph.add': async ({ files }, { project }) => {
    const added: Photograph[] = []
    const refused: Refused[] = []
    const labels = await knownLabels(project())
    for (const file of files)
      try {
        added.push(await enterFile(project(), file, labels))
      } catch (error) {
        // Without any readable photograph, the reason is reported.
        if (!(error instanceof UnreadableImage) || files.length === 1) throw error
        refused.push({ file, reason: error.reason })
      }
    if (added.length > 0) project().notify('project.changed', { what: ['summary', 'photographs'] })
    return { added, refused }
  },
  'photograph.addBytes': async ({ name, bytes }, { project }) => {
    const file = await keepBytes(project(), name, bytes)
    const photograph = await enterFile(project(), file, await knownLabels(project()))
    project().notify('project.changed', { what: ['summary', 'photographs'] })
    return photograph
  },
  'photograph.predict': async ({ model, image, limit }, { project }) => {
    const found = requirePhotograph(project().db, image)
    const logits = (await logitsOf(project(), model, [found])).get(image)
    // Missing, changed or damaged: the message of the reader is kept.
    if (logits === undefined) throw await unreadable(project(), image)
    const probabilities = strongest(probabilitiesOf(await project().classifier(model), logits), limit)
    return { probabilities, logits: probabilities.map(({ index }) => ({ index, value: logits[index]! })) }
  },
  'photograph.grid': async ({ model, image, layer: name, preset, seed }, { project, client }) => {
    const it = project()
    const classifier = await it.classifier(model)
    const layer = findLayer(classifier, name)
    const photograph = await readPhotograph(it.db, image)
    const directions = await directionsOf(it, classifier, layer, photograph)
    const keys = gridKeys(classifier, layer, directions, { preset, seed })
    const icons = keys.map(key => (hasIcon(it.db, key) ? key : null))
    const job = icons.includes(null)
      ? gridJob(it, client, {
          model: classifier.file,
          classifier: classifierKey(classifier),
          image: photograph.file,
          hash: photograph.hash,
          layer: name,
          preset,
          seed,
        })
      : null
    return { height: layer.height, width: layer.width, icons, job }
  },
  'photograph.attribution': async ({ model, image, layer: name, class: index }, { project }) => {
    const it = project()
    const classifier = await it.classifier(model)
    const layer = findLayer(classifier, name)
    const values = await attributionMap(it, classifier, layer, image, index)
    return { height: layer.height, width: layer.width, values }
  },
  'photograph.position': async ({ model, image, layer: name, row, column, classes, atlas }, { project }) => {
    const it = project()
    const classifier = await it.classifier(model)
    const layer = findLayer(classifier, name)
    const unit = Math.min(row, layer.height - 1) * layer.width + Math.min(column, layer.width - 1)
    const { activations, attributions } = await attributed(it, classifier, layer, image, unit)
    return {
      for: strongest(attributions, classes).filter(({ value }) => value > 0),
      against: strongest(
        attributions.map(value => -value),
        classes,
      )
        .filter(({ value }) => value > 0)
        .map(({ index, value }) => ({ index, value: -value })),
      place: atlas === null ? null : placeIn(it, atlas, classifier, layer, activations),
    }
  },
}

/** Labels by which photographs name their classes: those of the project's first model. */
const knownLabels = async (project: OpenProject) => {
  const [model] = listModels(project.db)
  return model === undefined ? [] : labelsOf(project, model.hash)
}

const unreadable = async (project: OpenProject, image: number): Promise<unknown> => {
  try {
    await decodeImage(await readPhotograph(project.db, image), { size: 16 })
    return new Error(`photograph ${image} gave no logits`)
  } catch (error) {
    return error
  }
}

/** The latest grid of each window. */
const latestGrids = new WeakMap<OpenProject, Map<number, number>>()

/**
 * The job of a grid: the running one, or a new one. The grid of the previous photograph of a window is cancelled, unless
 * another window shows it.
 */
function gridJob(project: OpenProject, client: number, params: Readonly<Record<string, string | number>>): number {
  const job = project.startOnce(IMAGE_GRID, params)
  const latest = latestGrids.get(project) ?? new Map<number, number>()
  const before = latest.get(client)
  latest.set(client, job)
  latestGrids.set(project, latest)
  if (before !== undefined && ![...latest.values()].includes(before)) project.cancel(before)
  return job
}

/** The attributions of one unit of a photograph to every class. */
async function attributed(project: OpenProject, classifier: Classifier, layer: Layer, image: number, unit: number) {
  const { size, resize } = classifier.preprocessing
  const { rgb } = await decodeImage(await readPhotograph(project.db, image), { size, resize })
  const attributor = await createAttributor(classifier, await project.runtime(classifier), [layer])
  try {
    const found = await attributor.run(rgb, { imageOf: [0], units: new Map([[layer.name, [unit]]]) })
    return found.get(layer.name)!
  } finally {
    await attributor.release()
  }
}

/** Where an activation belongs on an atlas; null where the atlas is of another layer, model or preprocessing. */
function placeIn(project: OpenProject, id: number, classifier: Classifier, layer: Layer, activation: Float32Array) {
  const atlas = requireAtlas(project, id)
  if (atlas.tensor !== layer.tensor || !sameInput(project.db, atlas, classifier)) return null
  const matrix = findActivations(project.db, atlas.set, atlas.tensor)
  // In an atlas of a part of the samples most activations have no place.
  if (matrix?.width !== activation.length || subsetPositions(project.db, atlas.layout) !== undefined) return null
  const layout = layoutWithId(project.db, atlas.layout)!
  const { metric } = layout.params as { metric?: 'cosine' | 'euclidean' }
  const placer = new Placer(activation, matrix.width, metric ?? 'cosine')
  for (const { start, values } of float32Pages(project.db, matrix)) placer.feed(start, values)
  const usual = (layout.notes as { farthestUsual?: number } | null)?.farthestUsual ?? Number.POSITIVE_INFINITY
  const [placed] = placer.place(Float64Array.from(positionsOf(project, atlas)), 2, usual)
  const { position, distance, unlikeAnything } = placed!
  return { x: position[0]!, y: position[1]!, distance, unlikeAnything }
}
