import { z } from 'zod'
import { labelText as cellLabelText, labelName, MIN_AGREEMENT, noLabelText } from '../../../contract/cell-labels.ts'
import { ClassLayout, classLayouts, defaultGrids } from '../../../contract/class-atlas.ts'
import { ClassSelection } from '../../../contract/class-selection.ts'
import { intervalsText, tooFewText } from '../../../contract/inference.ts'
import { Metric } from '../../../contract/layout.ts'
import { fidelityOfGrid } from '../../atlas/icon-fidelity.ts'
import { readColumns } from '../../class-atlas/columns.ts'
import {
  type ClassMap,
  classCells,
  figureCells,
  type LabelledCell,
  labelledCells,
  trimOf,
} from '../../class-atlas/described.ts'
import { classFigure } from '../../class-atlas/figure.ts'
import { classParams } from '../../class-atlas/order.ts'
import { unsetLetters } from '../../figures/lettering.ts'
import { writeOutput } from '../../files/output.ts'
import { encodePng } from '../../images/encode.ts'
import { distinctName, findLabel, labelJson, labelText } from '../../model/labels.ts'
import { iconsOfGrid } from '../../store/icons.ts'
import { stored } from '../../store/json.ts'
import { intervalsJson, significanceText } from '../cell-intervals.ts'
import {
  classAtlasOptions,
  commonOf,
  pictureFile,
  type RunClassAtlas,
  withClassAtlas,
  withClassAtlasOptions,
} from '../class-atlas-run.ts'
import { classAtlasJson, countsText, layoutText, missing } from '../class-atlas-text.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { choice, wholeNumber } from '../options.ts'
import { counted, duration, table } from '../text.ts'
import { noteUnset } from '../unset.ts'

const Given = z.object({
  ...classAtlasOptions,
  class: z.string(),
  method: choice(['tsne', 'umap']),
  metric: choice(Metric.options),
  perplexity: wholeNumber(1, 500).optional(),
  neighbours: wholeNumber(2, 500).optional(),
})

/** `portolan class-atlas PROJECT --layer L --class C` */
export const defineClassAtlas: DefineCommand = (command, run) =>
  withClassAtlasOptions(command, 'class')
    .description(
      'Selects the samples of a layer by attribution to a class, computes a separate layout and renders icons. ' +
        'Icons that are stored already are reused.',
    )
    .requiredOption('--class <class>', 'name, synset or index')
    .option(
      '--method <name>',
      'layout: tsne, or umap, which keeps fewer nearest neighbours but more of the distances between clusters',
      'tsne',
    )
    .option('--metric <name>', 'cosine or euclidean', 'cosine')
    .option('--perplexity <p>', 't-SNE perplexity (default 30)')
    .option('--neighbours <k>', 'UMAP n_neighbors (default 20)')
    .action(
      run(Given, (given, session) =>
        withClassAtlas(
          'portolan class-atlas',
          given,
          session,
          ({ labels }, base, set) =>
            classParams(base, {
              ...commonOf(given, set, given.grid ?? [defaultGrids.class[0]]),
              class: findLabel(labels, given.class).index,
              layout: layoutOf(given),
            }),
          async run => {
            const { db, build } = run
            const { result, seconds } = build
            const scope = stored(ClassSelection, result.atlas.scope, `the scope of ${result.atlas.name}`)
            const label = run.classifier.labels[scope.class]!
            const [column] = await readColumns(run.source, [scope.class])
            const cells = run.params.grids.map(grid => {
              const map = classCells(db, result.atlas, grid, column!)
              return { grid, map: labelledCells(db, result.atlas, grid, map, run.classifier.labels) }
            })
            const files: string[] = []
            const unset = unsetLetters(
              given.png === undefined
                ? []
                : namesIn(
                    run,
                    cells.flatMap(({ map }) => map.cells),
                    scope,
                  ),
            )
            if (given.png !== undefined)
              for (const of of cells) {
                const file = pictureFile(given.png, [label], result.atlas.layer, of.grid, cells.length > 1)
                await writeOutput(file, await picture(run, scope, of.grid, of.map))
                files.push(file)
              }
            noteUnset(unset, session)
            const cellsJson = await Promise.all(cells.map(of => described(run, of.grid, of.map.cells)))
            return {
              json: asJson({
                project: given.project,
                class: labelJson(label),
                ...classAtlasJson(build),
                intervals: cells.map(({ grid, map }) => intervalsJson(grid, map)),
                cells: cellsJson.flat(),
                files,
                unsetLetters: unset,
              }),
              text: () =>
                [
                  `${labelText(label)} at ${result.atlas.layer}: ${countsText(scope.filter, scope.counts)}`,
                  `layout: ${layoutText(result)}; in ${duration(1000 * seconds)}`,
                  ...cells.map(of => listed(of.map, of.grid)),
                  ...(files.length > 0 ? [`pictures: ${files.join(', ')}`] : []),
                ].join('\n'),
              incomplete: missing(result),
            }
          },
        ),
      ),
    )

function layoutOf({ method, metric, perplexity, neighbours }: z.output<typeof Given>): ClassLayout {
  const usual = classLayouts[method]
  return ClassLayout.parse({
    ...usual,
    metric,
    ...(method === 'tsne' && perplexity !== undefined && { perplexity }),
    ...(method === 'umap' && neighbours !== undefined && { neighbours }),
  })
}

/** Largest absolute mean attribution of the cells: the full length of a bar. */
const strongest = (cells: readonly LabelledCell[]): number =>
  cells.reduce((max, { attribution }) => Math.max(max, Math.abs(attribution)), 0)

async function picture(
  { db, classifier, build }: RunClassAtlas,
  { class: index, filter, counts, extent }: ClassSelection,
  grid: number,
  map: ClassMap<LabelledCell>,
): Promise<Buffer> {
  const { cells } = map
  const { atlas } = build.result
  const name = distinctName(classifier.labels, index)
  const full = strongest(cells) || 1
  const figure = await classFigure({
    title: name,
    place: `${atlas.layer} · ${classifier.name}`,
    about: [
      countsText(filter, counts),
      `layout: ${layoutText(build.result)} · ${cells.length} cells of ${grid} × ${grid}`,
    ],
    key:
      `below each icon: its strongest class, or group of classes where no single class is reliable (halves of the photographs agree in at least ${MIN_AGREEMENT.toFixed(2)}), and its mean attribution to ${name} ` +
      `(full at ${full.toFixed(2)} logits; the strongest sample has ${extent.max.toFixed(2)}). Dots: cells with too few samples.`,
    grid,
    cells: figureCells(db, atlas, grid, cells, ({ label, attribution }) => ({
      label: label === null ? '' : labelName(label),
      bar: attribution / full,
    })),
    trim: trimOf(atlas),
  })
  return encodePng(figure)
}

/** The names that the picture contains. */
function namesIn(
  { classifier, build }: RunClassAtlas,
  cells: readonly LabelledCell[],
  { class: index }: ClassSelection,
): string[] {
  const names = new Set(cells.flatMap(({ label }) => (label === null ? [] : [labelName(label)])))
  return [classifier.name, build.result.atlas.layer, distinctName(classifier.labels, index), ...names]
}

async function described({ db, build }: RunClassAtlas, grid: number, cells: readonly LabelledCell[]) {
  const { ranks } = await fidelityOfGrid(db, build.result.atlas, grid)
  const icons = new Map(iconsOfGrid(db, build.result.atlas.id, grid).map(icon => [icon.key, icon]))
  return cells.map(({ interval, ...cell }) => {
    const icon = icons.get(cell.icon)
    return {
      grid,
      ...cell,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      icon: { key: cell.icon, status: icon?.status ?? 'waiting' },
      fidelity: icon?.fidelity ?? null,
      robustFidelity: icon?.robustFidelity ?? null,
      fidelityRank: ranks.get(cell.i * grid + cell.j) ?? null,
    }
  })
}

/** What intervals and significance are. */
const methodText = ({ tested, mean }: ClassMap): string =>
  `${intervalsText(tested)}; significant: beyond the mean of all samples, ${mean.toFixed(3)} logits`

/** The cells with the largest attribution to the class. */
function listed(map: ClassMap<LabelledCell>, grid: number): string {
  const { cells } = map
  const rows = cells
    .toSorted((a, b) => b.attribution - a.attribution)
    .slice(0, 8)
    .map(({ i, j, count, attribution, interval, photographs, significant, label }) => [
      `  ${i},${j}`,
      `${attribution.toFixed(3)} (${interval === null ? tooFewText(photographs) : `${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}`})`,
      `${counted(count, 'sample')} of ${counted(photographs, 'photograph')}${significanceText({ interval, significant })}`,
      label === null ? noLabelText : cellLabelText(label),
    ])
  const shown = cells.reduce((sum, { count }) => sum + count, 0)
  return [
    `${grid} × ${grid}: ${cells.length} cells show ${shown} samples; the strongest cells`,
    methodText(map),
    table(rows, [1, 2]),
  ].join('\n')
}
