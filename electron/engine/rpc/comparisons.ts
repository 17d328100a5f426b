import { ClassAtlasSelection, type ComparisonSelection } from '../../contract/class-selection.ts'
import { type ComparisonCells, noOtherClass, otherClassCount, type SeparatingCell } from '../../contract/comparison.ts'
import { UserError } from '../../contract/errors.ts'
import { comparisonParams } from '../class-atlas/order.ts'
import { comparisonCells, type IconCell } from '../comparison/cells.ts'
import { type ComparedMap, ranked, swapped } from '../comparison/separation.ts'
import { cellsOf } from '../query/atlas-records.ts'
import { classColumns } from '../query/class-columns.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import { stored } from '../store/json.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { begin, requireClassAtlas, requireClassesOf, wholeAtlas } from './class-atlases.ts'
import type { Calls } from './handlers.ts'

export const comparisonCalls: Calls<'comparison'> = {
  'comparison.build': async (plan, { project }) => {
    const base = wholeAtlas(project(), plan.from)
    await requireClassesOf(project(), base, [plan.left, plan.right])
    return begin(project(), base, comparisonParams(base, plan))
  },
  'comparison.cells': async ({ atlas, grid, swap }, { project }) => {
    const map = await compared(project(), requireClassAtlas(project(), atlas), grid)
    return columns(swap ? swapped(map) : map, j => (swap ? grid - 1 - j : j))
  },
  'comparison.ranked': async ({ atlas: id, grid, swap, toward, limit }, { project }) => {
    const atlas = requireClassAtlas(project(), id)
    const found = await compared(project(), atlas, grid)
    const map = swap ? swapped(found) : found
    const states = new Map(cellsOf(project(), atlas, grid).map(({ icon, state }) => [icon, state]))
    const cells = ranked(map.cells, toward)
      .slice(0, limit)
      .map(
        ({ i, j, interval, lean: _, ...cell }): SeparatingCell => ({
          ...cell,
          cell: { atlas: id, grid, i, j },
          toward: cell.difference > 0 ? 'right' : 'left',
          state: states.get(cell.icon) ?? 0,
          low: interval?.low ?? null,
          high: interval?.high ?? null,
        }),
      )
    return { cells, tested: map.tested, mean: map.mean }
  },
}

function scopeOf(atlas: ClassAtlasRecord): ComparisonSelection {
  const scope = stored(ClassAtlasSelection, atlas.scope, `the scope of ${atlas.name}`)
  if (scope.kind !== 'comparison')
    throw new UserError(`${atlas.name} is of one class; compare it with another one first`)
  return scope
}

/** The shown cells of a comparison, in the order of `Cells`; kept until its layout changes. */
async function compared(project: OpenProject, atlas: ClassAtlasRecord, grid: number): Promise<ComparedMap<IconCell>> {
  const scope = scopeOf(atlas)
  const { left, right } = scope
  const name = `compared ${atlas.id} ${grid}`
  const kept = project.peek<ComparedMap<IconCell>>(name)
  if (kept !== undefined) return kept
  const [ofLeft, ofRight] = await classColumns(project, atlas, [left, right])
  return project.cached(
    name,
    () => comparisonCells(project.db, atlas, scope, grid, ofLeft!, ofRight!),
    ({ cells }) => 400 * cells.length,
  )
}

function columns({ cells, tested, mean }: ComparedMap<IconCell>, columnOf: (j: number) => number): ComparisonCells {
  const otherClasses = cells.flatMap(cell =>
    Array.from({ length: otherClassCount }, (_, t) => cell.otherClasses[t] ?? { index: noOtherClass, value: 0 }),
  )
  return {
    column: Uint16Array.from(cells, ({ j }) => columnOf(j)),
    left: Float32Array.from(cells, ({ left }) => left),
    right: Float32Array.from(cells, ({ right }) => right),
    difference: Float32Array.from(cells, ({ difference }) => difference),
    low: Float32Array.from(cells, ({ interval }) => interval?.low ?? Number.NaN),
    high: Float32Array.from(cells, ({ interval }) => interval?.high ?? Number.NaN),
    significant: Uint8Array.from(cells, ({ significant }) => Number(significant)),
    lean: Float32Array.from(cells, ({ lean }) => lean),
    photographs: Uint32Array.from(cells, ({ photographs }) => photographs),
    otherClasses: Uint32Array.from(otherClasses, ({ index }) => index),
    otherClassValues: Float32Array.from(otherClasses, ({ value }) => value),
    tested,
    mean,
  }
}
