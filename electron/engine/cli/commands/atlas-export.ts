import { join } from 'node:path'
import { z } from 'zod'
import { type CellLabel, labelRule } from '../../../contract/cell-labels.ts'
import { UserError } from '../../../contract/errors.ts'
import { fidelityText } from '../../../contract/fidelity.ts'
import { namedLabels } from '../../atlas/cell-labels.ts'
import { stabilityOfShown } from '../../atlas/cell-stability.ts'
import { gridPicture, nativeCell, nearestSamples, type ShownCell, shownCells } from '../../atlas/export.ts'
import { fidelityOfGrid, type GridFidelity } from '../../atlas/icon-fidelity.ts'
import { LIGHT_BACKGROUND, largestCell } from '../../atlas/picture.ts'
import { startOfIcon } from '../../atlas/start-record.ts'
import { BOUNDS } from '../../bounds/bounds.ts'
import { writeOutput } from '../../files/output.ts'
import { encodePng } from '../../images/encode.ts'
import type { Label } from '../../model/classifier.ts'
import { photographFolders, requireOutputs } from '../../photographs/outputs.ts'
import { parseLabels } from '../../registry/open.ts'
import type { AtlasRecord } from '../../store/atlases.ts'
import { listGrids, StrongestClasses } from '../../store/cells.ts'
import { findClassifier } from '../../store/classifiers.ts'
import { iconsOfGrid } from '../../store/icons.ts'
import { stored } from '../../store/json.ts'
import { stabilityOfLayout } from '../../store/layout-stability.ts'
import { layoutPositions, layoutWithId, qualityOf } from '../../store/layouts.ts'
import { findModel } from '../../store/models.ts'
import { openProject } from '../../store/open.ts'
import { sampleSet } from '../../store/samples.ts'
import type { Readable } from '../../store/sql.ts'
import { atlasFigure } from '../atlas-figure.ts'
import { labelsOfGrid } from '../cell-labels.ts'
import { chosenAtlas, classifierOf } from '../chosen-atlas.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { npy } from '../npy.ts'
import { choice, wholeNumber } from '../options.ts'
import { grouped } from '../text.ts'

const BACKGROUNDS = ['dark', 'light'] as const

const Given = z
  .object({
    project: z.string(),
    layer: z.string(),
    grid: wholeNumber(1, 1280),
    atlas: z.string().optional(),
    png: z.string().optional(),
    cell: wholeNumber(4, 512).optional(),
    background: choice(BACKGROUNDS),
    figure: z.string().optional(),
    cells: z.string().optional(),
    npy: z.string().optional(),
  })
  .refine(given => [given.png, given.figure, given.cells, given.npy].some(output => output !== undefined), {
    path: ['png'],
    message: 'or --figure, --cells or --npy is required: choose an output',
  })

/** Photographs that are listed for every cell. */
const NEAREST = 5

/** `portolan atlas export PROJECT --layer L --grid G` */
export const defineAtlasExport: DefineCommand = (command, run) =>
  command
    .argument('<project>', 'project file')
    .requiredOption('--layer <layer>', 'a layer, such as mixed4c')
    .requiredOption('--grid <n>', 'cells per edge, a grid of the atlas')
    .option('--atlas <name>', 'name or key of the atlas, if the layer has several (listed by portolan project info)')
    .option('--png <file>', 'picture to write')
    .option('--cell <px>', "edge of a cell in the picture (the icons' size by default)")
    .option('--background <tone>', 'of the picture: dark or light, as in the article', 'dark')
    .option('--figure <file>', 'picture to write with heading, labels of the cells and caption')
    .option('--cells <file>', 'JSON file to write: classes, fidelity and photographs of every cell')
    .option('--npy <folder>', 'folder for NumPy arrays: directions, counts, positions of cells and of samples')
    .action(
      run(Given, async (given, { note }) => {
        using db = openProject(given.project, { mode: 'read' })
        const atlas = chosenAtlas(db, given.layer, given.atlas, note)
        const { grid } = given
        checkGrid(db, atlas, grid)
        const arrays = given.npy === undefined ? [] : ARRAYS.map(name => arrayFile(given.npy!, name))
        await requireOutputs([given.png, given.figure, given.cells, ...arrays], {
          project: given.project,
          models: [findModel(db, sampleSet(db, atlas.set)!.model)!.file],
          folders: photographFolders(db),
        })
        if (given.png !== undefined) checkCell(atlas, grid, given.cell, note)
        const cells = shownCells(db, atlas, grid)
        const samples = cells.reduce((sum, { count }) => sum + count, 0)
        const of = sampleSet(db, atlas.set)!.n
        const icons = iconsOfGrid(db, atlas.id, grid)
        if (given.png !== undefined) {
          const options = {
            ...(given.cell !== undefined && { cell: given.cell }),
            ...(given.background === 'light' && { background: LIGHT_BACKGROUND }),
          }
          await writeOutput(given.png, await encodePng(await gridPicture(db, atlas, grid, options)))
        }
        const labels =
          given.cells === undefined && given.figure === undefined ? null : await labelsOfGrid(db, atlas, grid, note)
        const classes = given.cells === undefined && given.figure === undefined ? [] : classesOf(db, atlas, note)
        const against = await fidelityOfGrid(db, atlas, grid)
        const missing = against.summary.of - against.summary.icons
        if (missing > 0)
          note(
            `${grouped(missing)} icons were made by a version that did not store their activations: build the atlas again to compare their fidelity with chance`,
          )
        const named = labels && namedLabels(labels, classes)
        if (given.figure !== undefined)
          await writeOutput(
            given.figure,
            await encodePng(await atlasFigure(db, atlas, grid, cells, named, against.summary, of)),
          )
        if (given.cells !== undefined) {
          const content = {
            ...about(db, atlas, grid, samples, of),
            fidelity: { ...against.summary },
            labels: labels && { rule: labelRule, groups: labels.source },
            cells: describe(db, atlas, grid, cells, classes, named, against),
          }
          await writeOutput(given.cells, `${JSON.stringify(content, undefined, 1)}\n`)
        }
        if (given.npy !== undefined) await writeArrays(db, atlas, cells, given.npy)
        const waiting = new Set(cells.map(cell => cell.icon)).size - icons.length
        const files = [given.png, given.figure, given.cells, given.npy].filter(file => file !== undefined)
        return {
          json: asJson({ ...about(db, atlas, grid, samples, of), shown: cells.length, files }),
          text: () =>
            [
              `${atlas.name}, ${grid} × ${grid}: ${grouped(cells.length)} cells with ${grouped(samples)} of ${grouped(of)} samples, in ${files.join(', ')}`,
              fidelityText(against.summary),
            ].join('\n'),
          incomplete:
            waiting > 0
              ? `${grouped(waiting)} icons are missing: continue with portolan jobs resume ${given.project}`
              : undefined,
        }
      }),
    )

/** An explicit --cell is refused where the picture would be too large; the default is reduced, with a note. */
function checkCell(atlas: AtlasRecord, grid: number, requested: number | undefined, note: (sentence: string) => void) {
  const largest = largestCell(grid)
  const cell = requested ?? nativeCell(atlas)
  if (cell <= largest) return
  const why = `${grid} × ${grid} cells of ${cell} px are a picture of ${grouped(grid * cell)} px, and common viewers open at most ${grouped(BOUNDS.figureEdge)}`
  if (requested !== undefined)
    throw new UserError(`--cell takes at most ${largest} with --grid ${grid}: ${why}`, { exitCode: 2 })
  note(`cells are drawn at ${largest} px instead of the icons' ${cell}: ${why}`)
}

function checkGrid(db: Readable, atlas: AtlasRecord, grid: number): void {
  const grids = listGrids(db, atlas.id).map(each => each.grid)
  if (!grids.includes(grid))
    throw new UserError(`"${atlas.name}" has no grid of ${grid} × ${grid} cells: it has ${grids.join(', ')}`, {
      exitCode: 2,
    })
}

/** The labels of the classes, which the project stores. */
function classesOf(db: Readable, atlas: AtlasRecord, note: (sentence: string) => void): readonly Label[] {
  const labels = findClassifier(db, classifierOf(db, atlas))?.labels ?? null
  if (labels !== null) return parseLabels(labels)
  note(
    `classes are listed by number only: ${db.file} was written by a version that did not store their names; build the atlas again`,
  )
  return []
}

/** The atlas and model that cells come from. */
function about(db: Readable, atlas: AtlasRecord, grid: number, shown: number, samples: number) {
  const { name, key, layer, attribution, whitening, preset } = atlas
  const model = findModel(db, sampleSet(db, atlas.set)!.model)!
  const modelOf = { name: model.name, hash: model.hash }
  const { params, seed, notes } = layoutWithId(db, atlas.layout)!
  const layout = { params, seed, quality: qualityOf({ notes }), stability: stabilityOfLayout(db, atlas.layout) }
  const shared = { attribution, whitening, preset }
  return { atlas: name, key, model: modelOf, layer, layout, grid, samples, samplesShown: shown, ...shared }
}

function describe(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCell[],
  labels: readonly Label[],
  cellLabels: readonly (CellLabel | null)[] | null,
  fidelity: GridFidelity,
) {
  const icons = new Map(iconsOfGrid(db, atlas.id, grid).map(icon => [icon.key, icon]))
  const nearest = nearestSamples(db, atlas, grid, cells, NEAREST)
  const stability = stabilityOfShown(db, atlas, grid, cells)
  const named = (index: number) => ({ class: index, synset: labels[index]?.synset, name: labels[index]?.name })
  const classes = (values: z.output<typeof StrongestClasses>['for']) =>
    values.map(({ class: index, mean, deviation }) => ({ ...named(index), value: mean, deviation }))
  return cells.map(({ i, j, count, x, y, top, icon }, place) => {
    const inverted = icons.get(icon)
    const { for: inFavour, against } = stored(StrongestClasses, top, 'the classes of a cell')
    return {
      i,
      j,
      count,
      x,
      y,
      label: cellLabels?.[place] ?? null,
      for: classes(inFavour),
      against: classes(against),
      fidelity: inverted?.fidelity ?? null,
      robustFidelity: inverted?.robustFidelity ?? null,
      stability: stability?.[place] ?? null,
      fidelityRank: fidelity.ranks.get(i * grid + j) ?? null,
      icon: { key: icon, status: inverted?.status ?? 'waiting', start: inverted ? startOfIcon(inverted) : null },
      nearest: nearest[place]!,
    }
  })
}

const ARRAYS = ['directions', 'cells', 'counts', 'positions', 'samples'] as const
const arrayFile = (folder: string, name: (typeof ARRAYS)[number]): string => join(folder, `${name}.npy`)

/** Rows of all arrays but the last are the shown cells, by row and column. */
async function writeArrays(
  db: Readable,
  atlas: AtlasRecord,
  cells: readonly ShownCell[],
  folder: string,
): Promise<void> {
  const n = cells.length
  const channels = cells[0]?.direction.length ?? 0
  const directions = new Float32Array(n * channels)
  for (const [row, { direction }] of cells.entries()) directions.set(direction, row * channels)
  const coordinates = layoutPositions(db, atlas.layout)
  const arrays: Readonly<Record<(typeof ARRAYS)[number], Buffer>> = {
    directions: npy(directions, [n, channels]),
    cells: npy(Uint16Array.from(cells.flatMap(({ i, j }) => [i, j])), [n, 2]),
    counts: npy(
      Uint32Array.from(cells, ({ count }) => count),
      [n],
    ),
    positions: npy(Float64Array.from(cells.flatMap(({ x, y }) => [x, y])), [n, 2]),
    samples: npy(coordinates, [coordinates.length / 2, 2]),
  }
  for (const name of ARRAYS) await writeOutput(arrayFile(folder, name), arrays[name])
}
