import type { z } from 'zod'
import { storedLabels } from '../atlas/cell-labels.ts'
import { type AtlasRecord, listAtlases } from '../store/atlases.ts'
import { type Cell, listCells, listGrids, StrongestClasses } from '../store/cells.ts'
import { listClassAtlases } from '../store/class-atlases.ts'
import { allIcons, type Icon } from '../store/icons.ts'
import { stored } from '../store/json.ts'
import type { Readable } from '../store/sql.ts'
import { columnsOf, type Table, table } from './table.ts'

/** Atlases, their cells with the strongest classes of each, and their icons. @param pictures of the icons, as WebP */
export const atlasTables = (db: Readable, pictures: boolean): Readonly<Record<string, Table<never>>> => ({
  atlases: table(
    columnsOf<AtlasRow>(
      ['atlas', 'integer', ({ id }) => id],
      ['name', 'text', ({ name }) => name],
      ['set', 'integer', ({ set }) => set],
      ['layer', 'text', ({ layer }) => layer],
      ['layout', 'integer', ({ layout }) => layout],
      ['classifier', 'text?', ({ classifier }) => classifier],
      ['attribution', 'text', ({ attribution }) => attribution],
      ['preset', 'json', ({ preset }) => preset],
      ['selection', 'json?', ({ scope }) => scope ?? null],
      ['created', 'time', ({ created }) => created],
      ['finished', 'time?', ({ finished }) => finished],
    ),
    atlasesOf(db),
  ),
  cells: table(
    columnsOf<CellRow>(
      ...placeColumns,
      ['samples', 'integer', ({ cell }) => cell.count],
      ['x', 'double', ({ cell }) => cell.x],
      ['y', 'double', ({ cell }) => cell.y],
      ['label_class', 'integer?', ({ label }) => (label?.kind === 'class' ? label.class : null)],
      ['label_group', 'text?', ({ label }) => (label?.kind === 'group' ? label.group : null)],
      ['label_agreement', 'double?', ({ label }) => label?.agreement ?? null],
      ['icon', 'text?', ({ cell }) => cell.icon],
      ['direction', 'floats?', ({ cell }) => cell.direction],
    ),
    cellsOf(db),
    1024,
  ),
  cell_classes: table(
    columnsOf<CellClassRow>(
      ...placeColumns,
      ['sign', 'text', ({ sign }) => sign],
      ['rank', 'integer', ({ rank }) => rank],
      ['class', 'integer', ({ top }) => top.class],
      ['attribution', 'double', ({ top }) => top.mean],
      ['deviation', 'double', ({ top }) => top.deviation],
    ),
    cellClassesOf(db),
  ),
  icons: table(
    columnsOf<Icon>(
      ['icon', 'text', ({ key }) => key],
      ['status', 'text', ({ status }) => status],
      ['attempts', 'integer', ({ attempts }) => attempts],
      ['size', 'integer', ({ size }) => size],
      ['fidelity', 'double?', ({ fidelity }) => fidelity],
      ['robust_fidelity', 'double?', ({ robustFidelity }) => robustFidelity],
      ['objective', 'double?', ({ objective }) => objective],
      ['preset', 'json', ({ preset }) => preset],
      ['seed', 'integer', ({ seed }) => seed],
      ['runtime', 'text', ({ runtime }) => runtime],
      ...(pictures ? ([['picture', 'bytes?', ({ webp }: Icon) => webp]] as const) : []),
    ),
    allIcons(db),
  ),
})

type AtlasRow = AtlasRecord & { readonly scope?: unknown }

/** Whole atlases, then class atlases and comparisons. */
function* atlasesOf(db: Readable): Generator<AtlasRow> {
  yield* listAtlases(db)
  yield* listClassAtlases(db)
}

interface Place {
  readonly atlas: number
  readonly grid: number
  readonly cell: Cell
}

const placeColumns = [
  ['atlas', 'integer', ({ atlas }: Place) => atlas],
  ['grid', 'integer', ({ grid }: Place) => grid],
  ['row', 'integer', ({ cell }: Place) => cell.i],
  ['column', 'integer', ({ cell }: Place) => cell.j],
] as const

interface CellRow extends Place {
  readonly label:
    | { readonly kind: 'class'; readonly class: number; readonly agreement: number }
    | { readonly kind: 'group'; readonly group: string; readonly agreement: number }
    | null
}

function* cellsOf(db: Readable): Generator<CellRow> {
  for (const atlas of atlasesOf(db))
    for (const { grid } of listGrids(db, atlas.id)) {
      const labels = storedLabels(db, atlas, grid)
      let shown = 0
      for (const cell of listCells(db, atlas.id, grid)) {
        // Labels are stored for the shown cells, in this order.
        const label = cell.icon === null ? null : (labels?.cells[shown++] ?? null)
        yield { atlas: atlas.id, grid, cell, label: label && named(label, labels!.groups) }
      }
    }
}

type StoredCells = NonNullable<ReturnType<typeof storedLabels>>

const named = (
  [kind, index, agreement]: NonNullable<StoredCells['cells'][number]>,
  groups: StoredCells['groups'],
): CellRow['label'] =>
  kind === 'class' ? { kind, class: index, agreement } : { kind, group: groups[index]!.name, agreement }

interface CellClassRow extends Place {
  readonly sign: 'for' | 'against'
  /** From 1, the strongest. */
  readonly rank: number
  readonly top: z.infer<typeof StrongestClasses>['for'][number]
}

function* cellClassesOf(db: Readable): Generator<CellClassRow> {
  for (const { id: atlas } of atlasesOf(db))
    for (const { grid } of listGrids(db, atlas))
      for (const cell of listCells(db, atlas, grid)) {
        if (cell.top === null) continue
        const top = stored(StrongestClasses, cell.top, `a cell of ${db.file}`)
        for (const sign of ['for', 'against'] as const)
          for (const [at, each] of top[sign].entries()) yield { atlas, grid, cell, sign, rank: at + 1, top: each }
      }
}
