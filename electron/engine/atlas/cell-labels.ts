import { setImmediate } from 'node:timers/promises'
import { type CellLabel, StoredLabels } from '../../contract/cell-labels.ts'
import { ClassAtlasSelection } from '../../contract/class-selection.ts'
import { UserError } from '../../contract/errors.ts'
import { byClosedForm, closedForm } from '../attribution/closed-form.ts'
import { runClosedForm } from '../attribution/closed-form-run.ts'
import { type AttributionPage, labelsOfCells } from '../layout/cell-labels.ts'
import { slotsOfSamples } from '../layout/cell-sums.ts'
import type { Classifier, Label, Layer } from '../model/classifier.ts'
import { headIdentity, layerIdentity } from '../model/identity.ts'
import { distinctName } from '../model/labels.ts'
import { layerAt } from '../model/layers.ts'
import { wordnetTableHash } from '../model/wordnet-groups.ts'
import { Identities } from '../photographs/read.ts'
import { classifierKey } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { float32Pages, requireActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { findAttributions } from '../store/attributions.ts'
import { findCellLabels, putCellLabels } from '../store/cell-labels.ts'
import { type Cell, listCells } from '../store/cells.ts'
import { classAtlas } from '../store/class-atlases.ts'
import { findClassifier } from '../store/classifiers.ts'
import { stored } from '../store/json.ts'
import { contentKey } from '../store/keys.ts'
import { layoutWithId } from '../store/layouts.ts'
import { readSamples, sampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { widened } from './cells.ts'
import { classGroups } from './class-groups.ts'
import { positionsInSet } from './positions.ts'

/** What the labels of an atlas's cells are computed with. */
export interface LabelMeans {
  readonly classifier: Classifier
  /** For layers with a closed form; without one it is computed in float64, which takes longer. */
  readonly runtime?: Runtime | undefined
}

/** Increases when the rule of `labelsOfCells` or the clustering of `classGroups` changes. */
const RULE = 2

/** The content key of the labels of a grid. */
function keyOf(db: Readable, atlas: AtlasRecord, grid: number): string {
  return contentKey({
    cellLabels: RULE,
    atlas: atlas.key,
    layout: layoutWithId(db, atlas.layout)!.key,
    grid,
    excluded: excludedOf(db, atlas),
    classes: JSON.stringify((atlas.classifier && findClassifier(db, atlas.classifier)?.labels) ?? null),
    groups: wordnetTableHash(),
  })
}

/** The classes that the cells of a comparison differ in by construction. */
function excludedOf(db: Readable, { id, name }: AtlasRecord): readonly number[] {
  const part = classAtlas(db, id)
  if (part === undefined) return []
  const scope = stored(ClassAtlasSelection, part.scope, `the scope of ${name}`)
  return scope.kind === 'comparison' ? [scope.left, scope.right] : []
}

const shownOf = (db: Readable, { id }: AtlasRecord, grid: number): readonly Cell[] =>
  listCells(db, id, grid).filter(({ icon }) => icon !== null)

/** The stored labels of a grid; undefined where they were not computed, or from something else. */
export function storedLabels(db: Readable, atlas: AtlasRecord, grid: number): StoredLabels | undefined {
  const found = findCellLabels(db, atlas.id, grid, keyOf(db, atlas, grid))
  return found === undefined ? undefined : stored(StoredLabels, JSON.parse(found), `the labels of ${atlas.name}`)
}

/** Computes the labels of the shown cells of a grid (`labelsOfCells`). Other work runs between two pages. */
export async function computeLabels(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  { classifier, runtime }: LabelMeans,
): Promise<StoredLabels> {
  const hierarchy = classGroups(classifier)
  const layer = layerAt(classifier, atlas.tensor, atlas.layer)
  const shown = shownOf(db, atlas, grid)
  const photographs = new Identities(db)
  const samples = readSamples(db, atlas.set, 0, sampleSet(db, atlas.set)!.n)
  const labels = await labelsOfCells(
    {
      classes: classifier.labels.length,
      groups: hierarchy?.groups ?? [],
      excluded: excludedOf(db, atlas),
      slots: slotsOfSamples(positionsInSet(db, atlas), grid, shown),
      cells: shown.length,
      photographs: Int32Array.from(samples, ({ image }) => photographs.of(image)),
    },
    () => attributionPages(db, atlas, layer, { classifier, runtime }),
  )
  const used = [...new Set(labels.flatMap(label => (label?.kind === 'group' ? [label.index] : [])))].sort(
    (a, b) => a - b,
  )
  return {
    source: hierarchy?.source ?? null,
    groups: used.map(index => {
      const { name, classes } = hierarchy!.groups[index]!
      return { name, classes: [...classes] }
    }),
    cells: labels.map(label =>
      label === null
        ? null
        : [label.kind, label.kind === 'group' ? used.indexOf(label.index) : label.index, label.agreement],
    ),
  }
}

/** The stored labels of a grid, or computed and stored now. */
export async function labelGrid(
  db: Writable,
  atlas: AtlasRecord,
  grid: number,
  means: LabelMeans,
): Promise<StoredLabels> {
  const before = storedLabels(db, atlas, grid)
  if (before !== undefined) return before
  const labels = await computeLabels(db, atlas, grid, means)
  storeLabels(db, atlas, grid, labels)
  return labels
}

export const storeLabels = (db: Writable, atlas: AtlasRecord, grid: number, labels: StoredLabels): void =>
  putCellLabels(db, atlas.id, grid, keyOf(db, atlas, grid), labels)

/**
 * The labels of the shown cells with their names, by row and column.
 * @param classes of the network; without names they are numbered
 */
export const namedLabels = (labels: StoredLabels, classes: readonly Label[]): readonly (CellLabel | null)[] =>
  labels.cells.map(cell => {
    if (cell === null) return null
    const [kind, index, agreement] = cell
    if (kind === 'class') return { kind, name: distinctName(classes, index), class: index, classes: 1, agreement }
    const group = labels.groups[index]
    return { kind, name: group?.name ?? `group ${index}`, class: null, classes: group?.classes.length ?? 1, agreement }
  })

/**
 * The stored labels of a grid by the place of their cell, row · grid + column.
 * @param classes of the network
 * @throws Error when they were not computed
 */
export function labelsByPlace(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  classes: readonly Label[],
): ReadonlyMap<number, CellLabel | null> {
  const labels = storedLabels(db, atlas, grid)
  if (labels === undefined) throw new Error(`atlas ${atlas.id} has no labels at ${grid} × ${grid}`)
  const named = namedLabels(labels, classes)
  return new Map(shownOf(db, atlas, grid).map(({ i, j }, slot) => [i * grid + j, named[slot] ?? null]))
}

/** The attributions of all samples of an atlas's set to all classes. Values that are not stored are 0. */
export async function* attributionPages(
  db: Readable,
  { set, attribution, tensor }: AtlasRecord,
  layer: Layer,
  { classifier, runtime }: LabelMeans,
): AsyncGenerator<AttributionPage> {
  const form = closedForm(classifier, layer)
  if (form === undefined) {
    const matrix = findAttributions(db, set, tensor, attribution, classifierKey(classifier))
    if (matrix?.n !== sampleSet(db, set)!.n)
      throw new UserError(
        `${db.file} has no ${attribution} attributions of all samples at ${layer.name}; compute them with portolan atlas build`,
      )
    for (const page of matrix.kept === null ? float32Pages(db, matrix) : widened(db, matrix)) {
      yield page
      await setImmediate()
    }
    return
  }
  const activations = requireActivations(db, set, tensor)
  const run =
    runtime && (await runClosedForm(runtime, form, `${headIdentity(classifier)} ${layerIdentity(classifier, layer)}`))
  try {
    for (const { start, values } of float32Pages(db, activations)) {
      if (run) for await (const part of run.pages(values)) yield { start: start + part.start, values: part.values }
      else yield { start, values: byClosedForm(values, form) }
      await setImmediate()
    }
  } finally {
    await run?.release()
  }
}
