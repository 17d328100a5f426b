import type { Label } from '../model/classifier.ts'
import { distinctName } from '../model/labels.ts'
import { parseLabels } from '../registry/open.ts'
import { listClassifiers } from '../store/classifiers.ts'
import { keptNeighbours, stabilityOfLayout } from '../store/layout-stability.ts'
import { type LayoutRecord, layoutPositions, listLayouts } from '../store/layouts.ts'
import { listModels } from '../store/models.ts'
import { allImages, listFolders } from '../store/photographs.ts'
import { listSampleSets, readSamples } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { subsetPositions } from '../store/subset-layouts.ts'
import { columnsOf, type Table, table } from './table.ts'

/** Samples that are read at a time. */
const PAGE = 10_000

/** Networks, the classes of each of their classifiers, photographs, samples and where they lie on the maps. */
export const sampleTables = (db: Readable): Readonly<Record<string, Table<never>>> => ({
  networks: table(
    columnsOf<ReturnType<typeof listModels>[number]>(
      ['network', 'text', ({ hash }) => hash],
      ['name', 'text', ({ name }) => name],
      ['sidecar', 'json', ({ sidecar }) => sidecar],
    ),
    listModels(db),
  ),
  classes: table(
    columnsOf<{ readonly classifier: string; readonly network: string; readonly label: Label; readonly name: string }>(
      ['classifier', 'text', ({ classifier }) => classifier],
      ['network', 'text', ({ network }) => network],
      ['class', 'integer', ({ label }) => label.index],
      ['name', 'text', ({ name }) => name],
      ['synset', 'text?', ({ label }) => label.synset || null],
    ),
    classesOf(db),
  ),
  photographs: photographTable(db),
  sample_sets: table(
    columnsOf<ReturnType<typeof listSampleSets>[number]>(
      ['set', 'integer', ({ id }) => id],
      ['network', 'text', ({ model }) => model],
      ['seed', 'integer', ({ seed }) => seed],
      ['per_photograph', 'integer', ({ perImage }) => perImage],
      ['samples', 'integer', ({ n }) => n],
      ['preprocessing', 'json?', ({ input }) => (input === null ? null : JSON.parse(input))],
    ),
    listSampleSets(db),
  ),
  samples: table(
    columnsOf<SampleRow>(
      ['set', 'integer', ({ set }) => set],
      ['sample', 'integer', ({ sample }) => sample],
      ['photograph', 'integer', ({ image }) => image],
      ['v', 'double', ({ v }) => v],
      ['u', 'double', ({ u }) => u],
    ),
    samplesOf(db),
  ),
  layouts: table(
    columnsOf<LayoutRecord>(
      ['layout', 'integer', ({ id }) => id],
      ['set', 'integer', ({ set }) => set],
      ['layer', 'text', ({ layer }) => layer],
      ['tensor', 'text', ({ tensor }) => tensor],
      ['name', 'text', ({ name }) => name],
      ['parameters', 'json', ({ params }) => params],
      ['seed', 'integer', ({ seed }) => seed],
      ['samples', 'integer', ({ n }) => n],
      ['trustworthiness', 'double?', ({ trustworthiness }) => trustworthiness],
      ['stability', 'double?', ({ id }) => stabilityOfLayout(db, id)?.kept ?? null],
    ),
    layoutsOf(db),
  ),
  positions: table(
    columnsOf<PositionRow>(
      ['layout', 'integer', ({ layout }) => layout],
      ['sample', 'integer', ({ sample }) => sample],
      ['x', 'float', ({ x }) => x],
      ['y', 'float', ({ y }) => y],
      ['stability', 'double?', ({ stability }) => stability],
    ),
    positionsOf(db),
  ),
})

function photographTable(db: Readable): Table<never> {
  const folders = new Map(listFolders(db).map(({ id, name }) => [id, name]))
  return table(
    columnsOf<ReturnType<typeof allImages>[number]>(
      ['photograph', 'integer', ({ id }) => id],
      ['folder', 'text', ({ folder }) => folders.get(folder) ?? ''],
      ['file', 'text', ({ relative }) => relative],
      ['class_hint', 'text?', each => each.class],
      ['hash', 'text?', ({ hash }) => hash ?? null],
      ['width', 'integer?', each => (each.status === 'ok' ? each.width : null)],
      ['height', 'integer?', each => (each.status === 'ok' ? each.height : null)],
      ['unreadable', 'text?', each => (each.status === 'ok' ? null : each.reason)],
      ['current', 'boolean', ({ current }) => current],
    ),
    allImages(db),
  )
}

function* classesOf(db: Readable) {
  for (const { key, model, labels } of listClassifiers(db)) {
    if (labels === null) continue
    const all = parseLabels(labels)
    for (const label of all) yield { classifier: key, network: model, label, name: distinctName(all, label.index) }
  }
}

interface SampleRow {
  readonly set: number
  readonly sample: number
  readonly image: number
  readonly v: number
  readonly u: number
}

function* samplesOf(db: Readable): Generator<SampleRow> {
  for (const { id: set, n } of listSampleSets(db))
    for (let from = 0; from < n; from += PAGE)
      for (const [at, sample] of readSamples(db, set, from, Math.min(n, from + PAGE)).entries())
        yield { set, sample: from + at, ...sample }
}

function* layoutsOf(db: Readable): Generator<LayoutRecord> {
  for (const { id } of listSampleSets(db)) yield* listLayouts(db, id)
}

interface PositionRow {
  readonly layout: number
  readonly sample: number
  readonly x: number
  readonly y: number
  readonly stability: number | null
}

function* positionsOf(db: Readable): Generator<PositionRow> {
  for (const { id: layout } of layoutsOf(db)) {
    const part = subsetPositions(db, layout)
    const xy = part?.xy ?? layoutPositions(db, layout)
    const measured = stabilityOfLayout(db, layout)
    const kept = measured && keptNeighbours(db, layout)
    const most = measured ? measured.k * (measured.seeds.length - 1) : 0
    for (let at = 0; 2 * at < xy.length; at++)
      yield {
        ...{ layout, sample: part?.samples[at] ?? at, x: xy[2 * at]!, y: xy[2 * at + 1]! },
        stability: kept ? kept[at]! / most : null,
      }
  }
}
