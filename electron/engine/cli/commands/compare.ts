import { z } from 'zod'
import { type CellLabel, labelName } from '../../../contract/cell-labels.ts'
import { comparisonGrid } from '../../../contract/class-atlas.ts'
import { ComparisonSelection } from '../../../contract/class-selection.ts'
import { UserError } from '../../../contract/errors.ts'
import { CROSS_FITTED, intervalsText, NOT_CROSS_FITTED, tooFewText } from '../../../contract/inference.ts'
import { signed } from '../../../contract/signed.ts'
import { labelsByPlace } from '../../atlas/cell-labels.ts'
import { readColumns } from '../../class-atlas/columns.ts'
import { figureCells, trimOf } from '../../class-atlas/described.ts'
import { comparisonParams } from '../../class-atlas/order.ts'
import { comparisonCells, type IconCell } from '../../comparison/cells.ts'
import { comparisonFigure, type RankedLine } from '../../comparison/figure.ts'
import { type ComparedMap, ranked, swapped } from '../../comparison/separation.ts'
import { unsetLetters } from '../../figures/lettering.ts'
import { writeOutput } from '../../files/output.ts'
import { encodePng } from '../../images/encode.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName, findLabel, labelJson, labelText } from '../../model/labels.ts'
import { findIcon } from '../../store/icons.ts'
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
import { classAtlasJson, layoutText, missing, waysText } from '../class-atlas-text.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { collected, LIST_ESCAPE, list, wholeNumber } from '../options.ts'
import { counted, duration, grouped, table } from '../text.ts'
import { noteUnset } from '../unset.ts'

const Given = z.object({
  ...classAtlasOptions,
  classes: list.pipe(z.array(z.string()).length(2, `takes two classes with a comma between them (${LIST_ESCAPE})`)),
  top: wholeNumber(1, 1000),
})

/** The classes of a comparison by side of the picture. */
interface Sides {
  readonly left: Label
  readonly right: Label
  /** The first class of --classes has the larger index: the picture is mirrored. */
  readonly swap: boolean
}

/** `portolan compare PROJECT --layer L --classes A,B` */
export const defineCompare: DefineCommand = (command, run) =>
  withClassAtlasOptions(command, 'comparison')
    .description(
      'Selects the samples of a layer by attribution to either of two classes, places them across by the difference of ' +
        'attributions that the other half of the photographs predicts and down by similarity of activations, and ranks the cells by how far they separate the classes.',
    )
    .requiredOption(
      '--classes <a,b>',
      `two classes by name, synset or index, the first on the left; ${LIST_ESCAPE}`,
      collected,
    )
    .option('--top <n>', 'cells to list for each side', '8')
    .action(
      run(Given, (given, session) =>
        withClassAtlas(
          'portolan compare',
          given,
          session,
          ({ labels }, base, set) => {
            const [a, b] = given.classes.map(name => findLabel(labels, name).index) as [number, number]
            if (a === b)
              throw new UserError(
                `--classes names the same class twice: ${labelText(labels[a]!)}; choose two different classes`,
                {
                  exitCode: 2,
                },
              )
            return comparisonParams(base, {
              ...commonOf(given, set, given.grid ?? [comparisonGrid(set.photographs, set.n)]),
              left: a,
              right: b,
            })
          },
          async run => {
            const { db, classifier, build } = run
            const { result, seconds } = build
            const scope = stored(ComparisonSelection, result.atlas.scope, `the scope of ${result.atlas.name}`)
            const swap = findLabel(classifier.labels, given.classes[0]!).index === scope.right
            const [low, high] = [classifier.labels[scope.left]!, classifier.labels[scope.right]!]
            const sides: Sides = { left: swap ? high : low, right: swap ? low : high, swap }
            const [ofLeft, ofRight] = await readColumns(run.source, [scope.left, scope.right])
            const grids = run.params.grids.map(grid => {
              const map = comparisonCells(db, result.atlas, scope, grid, ofLeft!, ofRight!)
              return { grid, map: swap ? swapped(map) : map }
            })
            const files: string[] = []
            const unset = unsetLetters(
              given.png === undefined
                ? []
                : namesIn(
                    run,
                    grids.flatMap(({ map }) => map.cells),
                    sides,
                  ),
            )
            noteUnset(unset, session)
            if (given.png !== undefined)
              for (const { grid, map } of grids) {
                const both = [sides.left, sides.right]
                const file = pictureFile(given.png, both, result.atlas.layer, grid, grids.length > 1)
                await writeOutput(file, await picture(run, scope, sides, grid, map))
                files.push(file)
              }
            return {
              json: asJson({
                project: given.project,
                left: labelJson(sides.left),
                right: labelJson(sides.right),
                ...classAtlasJson(build),
                intervals: grids.map(({ grid, map }) => ({
                  ...intervalsJson(grid, map),
                  crossFitted: map.crossFitted,
                })),
                cells: grids.flatMap(({ grid, map }) => {
                  const labels = labelsByPlace(db, result.atlas, grid, classifier.labels)
                  return ranked(map.cells, 'both').map((cell, rank) =>
                    described(run, grid, cell, labels.get(cell.i * grid + cell.j) ?? null, rank, swap),
                  )
                }),
                files,
                unsetLetters: unset,
              }),
              text: () =>
                [
                  `${labelText(sides.left)} | ${labelText(sides.right)} at ${result.atlas.layer}: ${countText(scope)}`,
                  `layout: ${layoutText(result)}; in ${duration(1000 * seconds)}`,
                  ...grids.map(({ grid, map }) => listed(run, sides, grid, map, given.top)),
                  ...(files.length > 0 ? [`pictures: ${files.join(', ')}`] : []),
                ].join('\n'),
              incomplete: missing(result),
            }
          },
        ),
      ),
    )

const countText = ({ counts: { before, after, shared, left, right } }: ComparisonSelection): string =>
  `${grouped(after)} of ${grouped(before)} samples, ${grouped(left.after)} and ${grouped(right.after)}, ${grouped(shared)} of both`

const intervalText = ({ difference, interval, photographs }: IconCell): string =>
  `${signed(difference)} logits (${interval === null ? tooFewText(photographs) : `${signed(interval.low)} to ${signed(interval.high)}`})`

/** What intervals and significance are, for every list of cells. */
const methodText = ({ tested, mean, crossFitted }: ComparedMap): string =>
  crossFitted
    ? `${intervalsText(tested)}; significant: beyond 0 and the mean of all samples, ${signed(mean)}, ${CROSS_FITTED}`
    : `${intervalsText(tested)}. ${NOT_CROSS_FITTED}`

/** Where a cell is drawn: mirrored where sides are swapped. */
const columnOf = (j: number, grid: number, swap: boolean): number => (swap ? grid - 1 - j : j)

const otherClassesText = (
  { classifier: { labels } }: RunClassAtlas,
  { otherClasses }: IconCell,
  count: number,
): string =>
  otherClasses
    .slice(0, count)
    .map(({ index, value }) => `${distinctName(labels, index)} ${value.toFixed(2)}`)
    .join(', ')

async function picture(
  run: RunClassAtlas,
  scope: ComparisonSelection,
  { left, right, swap }: Sides,
  grid: number,
  map: ComparedMap<IconCell>,
): Promise<Buffer> {
  const { cells } = map
  const { db, classifier } = run
  const { result } = run.build
  const { atlas } = result
  const full = cells.reduce((max, { difference }) => Math.max(max, Math.abs(difference)), 0) || 1
  const lines = (toward: 'left' | 'right'): RankedLine[] =>
    ranked(cells, toward)
      .slice(0, 6)
      .map(cell => ({
        icon: findIcon(db, cell.icon)?.webp ?? undefined,
        difference: intervalText(cell),
        evidence: `${counted(cell.count, 'sample')} of ${counted(cell.photographs, 'photograph')}${significanceText(cell)}`,
        otherClasses: otherClassesText(run, cell, 3),
        significant: cell.significant,
      }))
  const [leftName, rightName] = [left, right].map(({ index }) => distinctName(classifier.labels, index)) as [
    string,
    string,
  ]
  const labels = labelsByPlace(db, atlas, grid, classifier.labels)
  const labelAt = (i: number, j: number): string => {
    const label = labels.get(i * grid + j)
    return label ? labelName(label) : ''
  }
  const figure = await comparisonFigure({
    left: leftName,
    right: rightName,
    place: `${atlas.layer} · ${classifier.name} · ${countText(scope)}`,
    about: [
      `${leftName}: ${waysText(scope.filter, swap ? scope.counts.right : scope.counts.left)} · ${rightName}: ${waysText(scope.filter, swap ? scope.counts.left : scope.counts.right)}`,
      `across: attribution to ${rightName} minus attribution to ${leftName}${scope.crossFit === null ? '' : ', predicted from the other half of the photographs'}`,
      `down: one-dimensional t-SNE, seed ${result.layout.seed} · ${cells.length} cells of ${grid} × ${grid}`,
    ],
    key:
      'below each icon: the strongest class apart from the two, or group of classes where no single class is reliable, and the mean difference of its samples ' +
      `(full at ${full.toFixed(2)} logits). Dots: cells with too few samples. ${methodText(map).replace(/\.$/, '')}.`,
    grid,
    cells: figureCells(
      db,
      atlas,
      grid,
      cells,
      ({ i, j, difference }) => ({
        label: labelAt(i, j),
        bar: difference / full,
      }),
      j => columnOf(j, grid, swap),
    ),
    trim: trimOf(atlas),
    scale: scope.scale,
    ranked: { left: lines('left'), right: lines('right') },
  })
  return encodePng(figure)
}

/** The names that the picture contains. */
function namesIn({ classifier, build }: RunClassAtlas, cells: readonly IconCell[], { left, right }: Sides): string[] {
  const classes = new Set([
    left.index,
    right.index,
    ...cells.flatMap(({ otherClasses }) => otherClasses.map(({ index }) => index)),
  ])
  const names = Array.from(classes, index => distinctName(classifier.labels, index))
  return [classifier.name, build.result.atlas.layer, ...names]
}

function described(
  { classifier }: RunClassAtlas,
  grid: number,
  cell: IconCell,
  label: CellLabel | null,
  rank: number,
  swap: boolean,
) {
  const { otherClasses, interval, ...others } = cell
  return {
    grid,
    rank: rank + 1,
    column: columnOf(cell.j, grid, swap),
    toward: cell.difference > 0 ? 'right' : 'left',
    /** Other than the two classes. */
    label,
    ...others,
    // Too few photographs have no interval.
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    otherClasses: otherClasses.map(({ index, value }) => ({ ...labelJson(classifier.labels[index]!), value })),
  }
}

function listed(
  run: RunClassAtlas,
  { left, right }: Sides,
  grid: number,
  map: ComparedMap<IconCell>,
  top: number,
): string {
  const { cells } = map
  const side = (toward: 'left' | 'right', { index }: Label): string => {
    const rows = ranked(cells, toward)
      .slice(0, top)
      .map(cell => [
        `  ${cell.i},${cell.j}`,
        intervalText(cell),
        `${counted(cell.count, 'sample')} of ${counted(cell.photographs, 'photograph')}${significanceText(cell)}`,
        otherClassesText(run, cell, 3),
      ])
    return [
      `for ${distinctName(run.classifier.labels, index)}, strongest`,
      rows.length === 0 ? '  no cell' : table(rows, [2]),
    ].join('\n')
  }
  const shown = cells.reduce((sum, { count }) => sum + count, 0)
  return [
    `${grid} × ${grid}: ${cells.length} cells show ${shown} samples, ${cells.filter(({ significant }) => significant).length} significant`,
    methodText(map),
    side('left', left),
    side('right', right),
  ].join('\n')
}
